import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "./labels";

export interface Panel {
  readonly title: string;
  /** PromQL; `$namespace` is the dashboard's variable. */
  readonly expression: string;
  /** Unit in Grafana's notation. */
  readonly unit: "short" | "percentunit" | "bytes" | "s" | "reqps";
}

export interface DashboardProps {
  /** Of the ConfigMap. */
  readonly name: string;
  /** Workload or installation that its label names. */
  readonly owner: string;
  /** Grafana's id of it, and the file's name. */
  readonly uid: string;
  readonly title: string;
  readonly namespace: string;
  readonly panels: readonly Panel[];
}

/** Grafana's width is 24 columns: three panels a row. */
const PANEL = { width: 8, height: 7, perRow: 3 } as const;

/** One Grafana dashboard, found by the label that Grafana's sidecar looks for. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    new k8s.KubeConfigMap(this, "Resource", {
      metadata: { name: props.name, labels: { ...objectLabels(props.owner), grafana_dashboard: "1" } },
      data: { [`${props.uid}.json`]: `${JSON.stringify(dashboard(props), null, 2)}\n` },
    });
  }
}

function dashboard({ uid, title, namespace, panels }: DashboardProps) {
  return {
    uid,
    title,
    schemaVersion: 39,
    time: { from: "now-6h", to: "now" },
    refresh: "1m",
    templating: { list: [{ name: "namespace", type: "constant", query: namespace }] },
    panels: panels.map(panel),
  };
}

function panel({ title, expression, unit }: Panel, index: number) {
  return {
    id: index + 1,
    title,
    type: "timeseries",
    datasource: { type: "prometheus", uid: "prometheus" },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    gridPos: {
      x: (index % PANEL.perRow) * PANEL.width,
      y: Math.floor(index / PANEL.perRow) * PANEL.height,
      w: PANEL.width,
      h: PANEL.height,
    },
    targets: [{ refId: "A", expr: expression }],
  };
}

import { ApiObject, App, Chart, Yaml } from "cdk8s";
import { Construct } from "constructs";
import { stringify } from "yaml";
import { LoomworksChart } from "../loomworks/chart";
import type { Settings } from "../settings";

/** Content by path, relative to the stack's folder. */
export type Files = Readonly<Record<string, string>>;

/** File with the settings as they were understood, every default filled in. The program applies dist for these alone. */
export const SETTINGS_FILE = "settings.yaml";

const HEADER = "# Written by npm run synth. Change the settings or the constructs, not this file.\n";

/** Every chart of a stack. */
export function createCharts(app: App, settings: Settings): void {
  new LoomworksChart(app, "loomworks", settings.loomworks);
}

/** All files of a stack: one for each part of each chart, so that a reader finds the backup in the backup's file. */
export function renderStack(settings: Settings): Files {
  const app = new App();
  createCharts(app, settings);
  const manifests = app.charts.flatMap((chart) => renderChart(chart));
  return { [SETTINGS_FILE]: HEADER + stringify(settings, { lineWidth: 0 }), ...Object.fromEntries(manifests) };
}

function renderChart(chart: Chart): [string, string][] {
  const parts = new Map<string, unknown[]>();
  for (const object of chart.node.findAll().filter((child) => ApiObject.isApiObject(child))) {
    const file = `${chart.node.id}.${kebab(partOf(object, chart))}.k8s.yaml`;
    parts.set(file, [...(parts.get(file) ?? []), object.toJson()]);
  }
  return [...parts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, objects]) => [file, HEADER + Yaml.stringify(...objects)]);
}

/** Id of the chart's child that `object` stands under. */
function partOf(object: Construct, chart: Chart): string {
  const path = object.node.scopes;
  return path[path.indexOf(chart) + 1]?.node.id ?? chart.node.id;
}

function kebab(id: string): string {
  return id.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
}

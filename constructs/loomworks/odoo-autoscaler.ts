import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "../shared/labels";
import { assertNoProblems, Problem } from "../shared/problems";

/** How far, and how fast, Odoo's web replicas grow and shrink. */
export interface OdooAutoscalerProps {
  /** Name of the Deployment to scale. */
  readonly deployment: string;
  /** Fewest replicas. At least 2, or a node's end is an outage. @default 2 */
  readonly minReplicas?: number;
  /** Most replicas. The alert OdooAtMaximum fires when they are reached. @default 10 */
  readonly maxReplicas?: number;
  /** CPU use above which replicas are added, in percent of the requests. @default 70 */
  readonly cpuPercent?: number;
  /** Memory use above which replicas are added, in percent of the requests. @default 80 */
  readonly memoryPercent?: number;
}

const DEFAULTS = { minReplicas: 2, maxReplicas: 10, cpuPercent: 70, memoryPercent: 80 } as const;

/** How long a lower need must last before the first replica goes. */
const SCALE_DOWN_WINDOW_SECONDS = 300;

/**
 * Scales Odoo by CPU and memory: up at once, down after five quiet minutes and then a tenth of the replicas a minute.
 *
 * @throws {InvalidInputError} naming every property that is out of range
 */
export class OdooAutoscaler extends Construct {
  constructor(scope: Construct, id: string, props: OdooAutoscalerProps) {
    super(scope, id);
    const settings = { ...DEFAULTS, ...props };
    assertNoProblems(validate(settings, this.node.path));

    new k8s.KubeHorizontalPodAutoscalerV2(this, "Resource", {
      metadata: { name: settings.deployment, labels: objectLabels(settings.deployment) },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: settings.deployment },
        minReplicas: settings.minReplicas,
        maxReplicas: settings.maxReplicas,
        metrics: [utilization("cpu", settings.cpuPercent), utilization("memory", settings.memoryPercent)],
        behavior: { scaleDown: this.createScaleDownRules() },
      },
    });
  }

  private createScaleDownRules(): k8s.HpaScalingRulesV2 {
    return {
      stabilizationWindowSeconds: SCALE_DOWN_WINDOW_SECONDS,
      // A tenth of fewer than ten replicas rounds to none: without the second policy a small set would never shrink.
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 10, periodSeconds: 60 },
        { type: "Pods", value: 1, periodSeconds: 60 },
      ],
    };
  }
}

function utilization(resource: "cpu" | "memory", percent: number): k8s.MetricSpecV2 {
  return {
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization: percent } },
  };
}

function validate(settings: Required<OdooAutoscalerProps>, path: string): Problem[] {
  const problems: Problem[] = [];
  if (settings.minReplicas < 2) {
    problems.push({
      code: "ODOO_MIN_REPLICAS",
      path: `${path}.minReplicas`,
      value: settings.minReplicas,
      reason: "one replica can't survive the end of its node",
      remedy: "Give 2 or more",
    });
  }
  if (settings.maxReplicas < settings.minReplicas) {
    problems.push({
      code: "ODOO_MAX_REPLICAS",
      path: `${path}.maxReplicas`,
      value: settings.maxReplicas,
      reason: `it is below minReplicas (${settings.minReplicas})`,
      remedy: "Raise it, or lower minReplicas",
    });
  }
  return problems;
}

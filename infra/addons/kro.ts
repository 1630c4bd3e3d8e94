import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import { HelmAddon } from "./helm-addon";

export interface KroArgs {
  /** Clones that it works on at once. */
  readonly concurrentReconciles: number;
  /** Seconds until it looks again at a clone that waits. Never 0: it would then forget what it had just begun to watch. */
  readonly requeueIntervalSeconds: number;
  /** Memory above which it is killed, as in `2Gi`. */
  readonly memoryLimit: string;
}

/** Changes a second that it takes on; its own 10 would have a burst of 50 clones wait for their turn. */
const CHANGES = { perSecond: 100, burst: 500 } as const;

/**
 * KRO: makes an API of the clones' graph, and keeps every clone as it says. It may touch its own kinds, and what ClusterRoles
 * with its label grant (`clones/templates/access-kro.ts`); its chart's default is cluster-admin.
 */
export class Kro extends HelmAddon {
  constructor(name: string, args: KroArgs, opts: pulumi.ComponentResourceOptions) {
    super(
      name,
      {
        chart: CHARTS.kro,
        namespace: "kro-system",
        values: {
          rbac: { mode: "aggregation" },
          deployment: {
            resources: {
              requests: { cpu: "250m", memory: "512Mi" },
              limits: { cpu: "2", memory: args.memoryLimit },
            },
          },
          config: {
            // Deleting the graph by mistake must not delete every clone with its kind.
            allowCRDDeletion: false,
            dynamicControllerConcurrentReconciles: args.concurrentReconciles,
            dynamicControllerRateLimiterRateLimit: CHANGES.perSecond,
            dynamicControllerRateLimiterBurstLimit: CHANGES.burst,
            instance: { requeueInterval: `${args.requeueIntervalSeconds}s` },
            // Each change of a condition becomes a Kubernetes event (KRO-13).
            featureGates: { InstanceConditionEvents: true },
          },
        },
      },
      opts,
    );
  }
}

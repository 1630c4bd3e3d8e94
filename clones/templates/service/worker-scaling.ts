import { Construct } from "constructs";
import { CLONE_SECRETS, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import {
  ScaledObject,
  ScaledObjectSpecAdvancedScalingModifiersMetricType as MetricType,
  ScaledObjectSpecFallbackBehavior as FallbackBehavior,
  TriggerAuthentication,
} from "../../../constructs/imports/keda.sh";
import { objectLabels } from "../../../constructs/shared/labels";
import { ACCOUNTS, PORTS, POWERLESS } from "../accounts";
import { COUNTED, FALLBACK_WORKERS, FEWEST_WORKERS, MOST_WORKERS, stepFormula } from "./worker-steps";

const NAME = ACCOUNTS.worker;

/** Seconds between two looks at the queue; the autoscaler looks as often by itself. */
const POLLING_SECONDS = 15;

/**
 * None may fail before the fallback: after a first failure KEDA 2.20 throws its scaler away, can't build another while Redis
 * is away, and counts no second one (kedacore/keda#5525). More workers for a moment do no harm.
 */
const FAILURES = 0;

/** Seconds for which a lower need must last before workers go. */
const SCALE_DOWN_WINDOW_SECONDS = 300;

/**
 * Workers by the length of their queue, in the documents' steps (decision 11). Jobs under way count too, so that workers go
 * when there is nothing left for them to do; one that is told to go finishes what it holds.
 */
export class WorkerScaling extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.createAuthentication();
    this.createScaledObject();
  }

  private createAuthentication(): void {
    const { name } = CLONE_SECRETS.redis;
    const key: keyof typeof CLONE_SECRETS.redis.data = "password";
    new TriggerAuthentication(this, "Authentication", {
      metadata: { name: NAME, labels: objectLabels(NAME) },
      spec: { secretTargetRef: [{ parameter: "password", name, key }] },
    });
  }

  private createScaledObject(): void {
    new ScaledObject(this, "ScaledObject", {
      metadata: { name: NAME, labels: objectLabels(NAME) },
      spec: {
        scaleTargetRef: { name: NAME },
        pollingInterval: POLLING_SECONDS,
        minReplicaCount: FEWEST_WORKERS,
        maxReplicaCount: MOST_WORKERS,
        fallback: {
          failureThreshold: FAILURES,
          replicas: FALLBACK_WORKERS,
          behavior: FallbackBehavior.CURRENT_REPLICAS_IF_HIGHER,
        },
        advanced: {
          scalingModifiers: {
            formula: stepFormula(),
            // A whole number, or KEDA reads no fallback from it; as an average, the workers are what the formula says.
            target: "1",
            metricType: MetricType.AVERAGE_VALUE,
          },
          horizontalPodAutoscalerConfig: { behavior: behavior() },
        },
        triggers: Object.entries(COUNTED).map(([name, key]) => trigger(name, key)),
      },
    });
  }
}

function trigger(name: string, listName: string) {
  const address = `${POWERLESS.redis}.${CLONE_SERVICE_NAMESPACE}.svc.cluster.local:${PORTS.redis}`;
  return {
    type: "redis",
    name,
    // Of whatever kind the key is: a list, or a sorted set.
    metadata: { address, listName },
    authenticationRef: { name: NAME },
  };
}

/** Up to a step at once; down to one at once, too: by shares, the last worker above it would stay within the tolerance. */
function behavior() {
  return {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      policies: [{ type: "Pods", value: MOST_WORKERS, periodSeconds: POLLING_SECONDS }],
    },
    scaleDown: {
      stabilizationWindowSeconds: SCALE_DOWN_WINDOW_SECONDS,
      policies: [{ type: "Percent", value: 100, periodSeconds: POLLING_SECONDS }],
    },
  };
}

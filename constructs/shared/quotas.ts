import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import type { LoomworksSettings } from "../settings/loomworks";
import { objectLabels } from "./labels";

export interface NamespaceLimitsProps {
  /** Sums over all pods and claims; `maxClaims` volume claims at most. */
  readonly quota: LoomworksSettings["quota"];
  /** @default 10 */
  readonly maxClaims?: number;
}

/** What a container gets that asks for nothing: enough for a shell, too little to disturb anyone. */
const CONTAINER_DEFAULTS = {
  request: { cpu: "50m", memory: "64Mi" },
  limit: { cpu: "500m", memory: "512Mi" },
} as const;

/** Bounds a namespace as a whole, and gives containers that ask for nothing a modest share of it. */
export class NamespaceLimits extends Construct {
  constructor(scope: Construct, id: string, { quota, maxClaims = 10 }: NamespaceLimitsProps) {
    super(scope, id);
    new k8s.KubeResourceQuota(this, "Quota", {
      metadata: { name: "namespace-quota", labels: objectLabels("limits") },
      spec: {
        hard: {
          "requests.cpu": quantity(quota.cpuRequests),
          "limits.cpu": quantity(quota.cpuLimits),
          "requests.memory": quantity(quota.memoryRequests),
          "limits.memory": quantity(quota.memoryLimits),
          "requests.storage": quantity(quota.storage),
          persistentvolumeclaims: quantity(String(maxClaims)),
          pods: quantity(String(quota.pods)),
        },
      },
    });
    new k8s.KubeLimitRange(this, "LimitRange", {
      metadata: { name: "container-defaults", labels: objectLabels("limits") },
      spec: {
        limits: [
          {
            type: "Container",
            defaultRequest: quantities(CONTAINER_DEFAULTS.request),
            default: quantities(CONTAINER_DEFAULTS.limit),
          },
        ],
      },
    });
  }
}

const quantity = (text: string) => k8s.Quantity.fromString(text);

function quantities(texts: Readonly<Record<string, string>>): Record<string, k8s.Quantity> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, quantity(text)]));
}

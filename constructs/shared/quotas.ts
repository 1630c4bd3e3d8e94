import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "./labels";

/** Sums over everything in a namespace. What is absent isn't bounded. */
export interface NamespaceQuota {
  readonly cpuRequests: string;
  readonly cpuLimits?: string;
  readonly memoryRequests: string;
  readonly memoryLimits?: string;
  /** Of all volume claims together. */
  readonly storage?: string;
  readonly pods: number;
}

export interface NamespaceLimitsProps {
  readonly quota: NamespaceQuota;
  /** Most volume claims. @default 10 */
  readonly maxClaims?: number;
  /** Most objects of other kinds, by the quota's name for them: `services.loadbalancers`. @default none are bounded */
  readonly maxObjects?: Readonly<Record<string, number>>;
}

/** What a container gets that asks for nothing: enough for a shell, too little to disturb anyone. */
const CONTAINER_DEFAULTS = {
  request: { cpu: "50m", memory: "64Mi" },
  limit: { cpu: "500m", memory: "512Mi" },
} as const;

/** Bounds a namespace as a whole, and gives containers that ask for nothing a modest share of it. */
export class NamespaceLimits extends Construct {
  constructor(scope: Construct, id: string, { quota, maxClaims = 10, maxObjects = {} }: NamespaceLimitsProps) {
    super(scope, id);
    new k8s.KubeResourceQuota(this, "Quota", {
      metadata: { name: "namespace-quota", labels: objectLabels("limits") },
      spec: {
        hard: quantities({
          "requests.cpu": quota.cpuRequests,
          "limits.cpu": quota.cpuLimits,
          "requests.memory": quota.memoryRequests,
          "limits.memory": quota.memoryLimits,
          "requests.storage": quota.storage,
          persistentvolumeclaims: String(maxClaims),
          pods: String(quota.pods),
          ...Object.fromEntries(Object.entries(maxObjects).map(([name, most]) => [name, String(most)])),
        }),
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

function quantities(texts: Readonly<Record<string, string | undefined>>): Record<string, k8s.Quantity> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, k8s.Quantity.fromString(text)] as const],
    ),
  );
}

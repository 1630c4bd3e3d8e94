import { ApiObject, JsonPatch } from "cdk8s";
import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "../../constructs/shared/labels";
import { NamespaceLimits } from "../../constructs/shared/quotas";
import { podSecurityLabels } from "../../constructs/shared/security";
import type { ClonesSettings } from "../../constructs/settings";

export interface BoundedNamespaceProps {
  readonly name: string;
  readonly quota: ClonesSettings["quota"];
  /** Most volume claims. @default none: what a clone writes lives and dies with its pod */
  readonly maxClaims?: number;
}

const DEFAULTS = { maxClaims: 0 } as const;

/** Ways to the outside that go around the Ingress, and around whoever watches it. */
const NO_OTHER_WAY_IN = { "services.loadbalancers": 0, "services.nodeports": 0 } as const;

/** A namespace with Pod Security "restricted", and a bound on everything in it (PLAT-09). */
export class BoundedNamespace extends Construct {
  constructor(scope: Construct, id: string, props: BoundedNamespaceProps) {
    super(scope, id);
    const { name, quota, maxClaims } = { ...DEFAULTS, ...props };
    this.createNamespace(name);
    new NamespaceLimits(this, "Limits", {
      quota: { cpuRequests: quota.cpu, memoryRequests: quota.memory, pods: quota.pods },
      maxClaims,
      maxObjects: NO_OTHER_WAY_IN,
    });
  }

  private createNamespace(name: string): void {
    const object = new k8s.KubeNamespace(this, "Resource", {
      metadata: { name, labels: { ...objectLabels("clones"), ...podSecurityLabels("restricted") } },
    });
    // The chart gives its namespace to everything in it, and a Namespace lives in none.
    ApiObject.of(object).addJsonPatch(JsonPatch.remove("/metadata/namespace"));
  }
}

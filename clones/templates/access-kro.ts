import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { CLONE_RESOURCE } from "../../constructs/contract";
import { objectLabels } from "../../constructs/shared/labels";

/** Label by which KRO's own ClusterRole takes in others, installed with `rbac.mode: aggregation`. */
const AGGREGATE = { "rbac.kro.run/aggregate-to-controller": "true" } as const;

const READ = ["get", "list", "watch"] as const;
const KEEP = [...READ, "create", "patch", "delete"] as const;

/** The kinds of the graph that KRO makes, by API group. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  "": ["configmaps", "secrets", "services"],
  batch: ["jobs"],
  "networking.k8s.io": ["ingresses"],
  "rds.services.k8s.aws": ["dbinstances"],
};

const { group, plural } = CLONE_RESOURCE;

/**
 * What KRO may do beside its own kinds: exactly those of the graph, where its default is to be cluster-admin. Over the whole
 * cluster, because it watches each kind in all namespaces at once.
 */
export class KroAccess extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new k8s.KubeClusterRole(this, "Role", {
      metadata: { name: "kro:wordpress-clones", labels: { ...objectLabels("clones"), ...AGGREGATE } },
      rules: [
        { apiGroups: [group], resources: [plural], verbs: [...READ, "patch"] },
        { apiGroups: [group], resources: [`${plural}/status`], verbs: ["update"] },
        ...Object.entries(CHILDREN).map(([apiGroup, resources]) => ({
          apiGroups: [apiGroup],
          resources: [...resources],
          verbs: [...KEEP],
        })),
        // The pods that serve: it looks whether they are ready, and touches none.
        { apiGroups: [""], resources: ["pods"], verbs: [...READ] },
      ],
    });
  }
}

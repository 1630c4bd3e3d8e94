import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "../../constructs/shared/labels";

/** Label by which KRO's own ClusterRole takes in others, installed with `rbac.mode: aggregation`. */
const AGGREGATE = { "rbac.kro.run/aggregate-to-controller": "true" } as const;

const READ = ["get", "list", "watch"] as const;
const KEEP = [...READ, "create", "patch", "delete"] as const;

export interface KroAccessProps {
  readonly name: string;
  readonly resource: { readonly group: string; readonly plural: string };
  /** The kinds of the graph that KRO makes, by API group. */
  readonly children: Readonly<Record<string, readonly string[]>>;
}

/** Those of the graph of clones. */
export const CLONE_CHILDREN: KroAccessProps["children"] = {
  "": ["configmaps", "secrets", "services"],
  batch: ["jobs"],
  "networking.k8s.io": ["ingresses"],
  "rds.services.k8s.aws": ["dbinstances"],
};

/**
 * What KRO may do beside its own kinds: exactly those of a graph, where its default is to be cluster-admin. Over the whole
 * cluster, because it watches each kind in all namespaces at once.
 */
export class KroAccess extends Construct {
  constructor(scope: Construct, id: string, { name, resource: { group, plural }, children }: KroAccessProps) {
    super(scope, id);
    new k8s.KubeClusterRole(this, "Role", {
      metadata: { name: `kro:${name}`, labels: { ...objectLabels("clones"), ...AGGREGATE } },
      rules: [
        { apiGroups: [group], resources: [plural], verbs: [...READ, "patch"] },
        { apiGroups: [group], resources: [`${plural}/status`], verbs: ["update"] },
        ...Object.entries(children).map(([apiGroup, resources]) => ({
          apiGroups: [apiGroup],
          resources: [...resources],
          verbs: [...KEEP],
        })),
        // The pods of the graph: it looks how they are, and touches none.
        { apiGroups: [""], resources: ["pods"], verbs: [...READ] },
      ],
    });
  }
}

/** What the processes of the clone service may do, and where: in the namespaces of clones, and nowhere else (CLONE-11). */
import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { CLONE_RESOURCE, CLONE_SERVICE_NAMESPACE } from "../../constructs/contract";
import { objectLabels } from "../../constructs/shared/labels";
import { Account, ACCOUNTS } from "./accounts";

const CORE = "";
const LEASES = "coordination.k8s.io";

/** One account's rights over one kind. */
function may(apiGroup: string, resource: string, verbs: readonly string[]): k8s.PolicyRule {
  return { apiGroups: [apiGroup], resources: [resource], verbs: [...verbs] };
}

const clones = (verbs: readonly string[]) => may(CLONE_RESOURCE.group, CLONE_RESOURCE.plural, verbs);

/**
 * Exactly what each of them calls. The API answers what a clone is and changes none: that is a worker's job, with a row in
 * the jobs table. Secrets are the worker's alone: to hand a clone's credentials to its owner, and to name them in a
 * diagnosis.
 */
export const RULES: Readonly<Record<Account, readonly k8s.PolicyRule[]>> = {
  service: [clones(["get", "list", "watch"])],
  worker: [
    clones(["get", "list", "watch", "create", "patch", "delete"]),
    may(CORE, "secrets", ["get", "list"]),
    may(CORE, "pods", ["get", "list", "watch", "patch", "delete"]),
    // A websocket begins with GET, and asks for `create` besides from Kubernetes 1.35 on.
    may(CORE, "pods/exec", ["get", "create"]),
    may(CORE, "services", ["list"]),
    may(CORE, "events", ["list"]),
    may("batch", "jobs", ["list"]),
    may("networking.k8s.io", "ingresses", ["list"]),
    may("rds.services.k8s.aws", "dbinstances", ["list"]),
    // Who has a customer's host.
    may(LEASES, "leases", ["get", "list", "create", "patch", "delete"]),
  ],
  cleaner: [
    clones(["get", "list", "watch", "patch", "delete"]),
    may(CORE, "pods", ["list", "delete"]),
    may(LEASES, "leases", ["get", "list", "delete"]),
  ],
};

/** The accounts. None brings its token along: a pod that needs it says so. */
export class ServiceAccounts extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const name of Object.values(ACCOUNTS)) {
      new k8s.KubeServiceAccount(this, name, {
        metadata: { name, labels: objectLabels(name) },
        automountServiceAccountToken: false,
      });
    }
  }
}

/** Their rights in one namespace of clones, which is the chart's. */
export class CloneAccess extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const account of Object.keys(ACCOUNTS) as Account[]) this.grant(account);
  }

  private grant(account: Account): void {
    const name = ACCOUNTS[account];
    const metadata = { name, labels: objectLabels(name) };
    new k8s.KubeRole(this, `${name}-role`, { metadata, rules: [...RULES[account]] });
    new k8s.KubeRoleBinding(this, `${name}-binding`, {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: CLONE_SERVICE_NAMESPACE }],
    });
  }
}

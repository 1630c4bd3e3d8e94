/** What the processes of the clone service may do, and where: in the namespaces of clones, and nowhere else (CLONE-11). */
import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { CLONE_NAMESPACES, CLONE_RESOURCE, CLONE_SERVICE_NAMESPACE } from "../../constructs/contract";
import { objectLabels } from "../../constructs/shared/labels";
import { Account, ACCOUNTS, POWERLESS } from "./accounts";

const CORE = "";
const LEASES = "coordination.k8s.io";

/** The Lease that replicas of the warm pool controller contend for, in the pool's namespace (clones/warm-pool/main.ts). */
const ELECTION = "warm-pool";

/** One account's rights over one kind. */
function may(apiGroup: string, resource: string, verbs: readonly string[]): k8s.PolicyRule {
  return { apiGroups: [apiGroup], resources: [resource], verbs: [...verbs] };
}

const clones = (verbs: readonly string[]) => may(CLONE_RESOURCE.group, CLONE_RESOURCE.plural, verbs);

/**
 * Exactly what each of them calls, in each namespace of clones. The API answers what a clone is, and may prolong one; to make
 * and end them is a worker's job, with a row in the jobs table. A clone's credentials are the worker's to read and hand over.
 *
 * Where RBAC stops: it knows Secrets by name alone, and those of clones have names that nobody knows beforehand. So a worker
 * could read the namespace's pepper, too (readBy in constructs/contract.ts names KRO). Nothing of it does.
 */
export const RULES: Readonly<Record<Account, readonly k8s.PolicyRule[]>> = {
  service: [clones(["get", "list", "watch", "patch"])],
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
  warmPool: [
    clones(["get", "list"]),
    may(CORE, "pods", ["get", "list", "watch", "create", "patch", "delete"]),
    may(CORE, "pods/exec", ["get", "create"]),
    // A pod's own, which go with it; it reads none.
    may(CORE, "secrets", ["create", "patch"]),
    // Which replica acts. A name can't bound `create`.
    may(LEASES, "leases", ["create"]),
    { ...may(LEASES, "leases", ["get", "patch"]), resourceNames: [ELECTION] },
  ],
  cleaner: [
    clones(["get", "list", "watch", "patch", "delete"]),
    // Those of a clone that is about to go; a warm one is given back, where they are used again.
    may(CORE, "pods", ["get", "list", "patch", "delete"]),
    // Of a clone whose schema it makes on the shared database: the password that its user gets.
    may(CORE, "secrets", ["get"]),
    may(LEASES, "leases", ["get", "list", "delete"]),
  ],
};

/** Warm pods wait where the service makes clones, and nowhere else. */
const NAMESPACES_OF: Partial<Record<Account, readonly string[]>> = { warmPool: [CLONE_NAMESPACES.staging] };

/** The accounts. None brings its token along: a pod that needs it says so. */
export class ServiceAccounts extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const name of Object.values({ ...ACCOUNTS, ...POWERLESS })) {
      new k8s.KubeServiceAccount(this, name, {
        metadata: { name, labels: objectLabels(name) },
        automountServiceAccountToken: false,
      });
    }
  }
}

/** Their rights in one namespace of clones, which is the chart's. */
export class CloneAccess extends Construct {
  constructor(scope: Construct, id: string, namespace: string) {
    super(scope, id);
    for (const account of Object.keys(ACCOUNTS) as Account[]) {
      const namespaces = NAMESPACES_OF[account] ?? Object.values(CLONE_NAMESPACES);
      if (namespaces.includes(namespace)) grant(this, ACCOUNTS[account], RULES[account]);
    }
  }
}

function grant(scope: Construct, name: string, rules: readonly k8s.PolicyRule[]): void {
  const metadata = { name, labels: objectLabels(name) };
  new k8s.KubeRole(scope, `${name}-role`, { metadata, rules: [...rules] });
  new k8s.KubeRoleBinding(scope, `${name}-binding`, {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name, namespace: CLONE_SERVICE_NAMESPACE }],
  });
}

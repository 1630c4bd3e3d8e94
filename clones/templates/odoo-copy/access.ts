import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { CLONE_SERVICE_NAMESPACE, COPY_RESOURCE } from "../../../constructs/contract";
import { objectLabels } from "../../../constructs/shared/labels";
import { Account, ACCOUNTS } from "../accounts";

/**
 * What the clone service may do in the installation's namespace: ask for copies, and look at them. No Job, no Secret and no pod
 * is anybody's of it there. The API prolongs, workers make and end, the cleaner ends.
 */
export const COPY_RIGHTS: Partial<Record<Account, readonly string[]>> = {
  service: ["get", "list", "patch"],
  worker: ["get", "list", "create", "patch", "delete"],
  cleaner: ["list", "patch", "delete"],
};

/** Their rights over copies, in the namespace of one installation. */
export class CopyAccess extends Construct {
  constructor(scope: Construct, id: string, namespace: string) {
    super(scope, id);
    for (const [account, verbs] of Object.entries(COPY_RIGHTS)) {
      const name = `${ACCOUNTS[account as Account]}-copies`;
      const metadata = { name, namespace, labels: objectLabels("clones") };
      const { group, plural } = COPY_RESOURCE;
      new k8s.KubeRole(this, `${account}-role`, {
        metadata,
        rules: [{ apiGroups: [group], resources: [plural], verbs: [...verbs] }],
      });
      new k8s.KubeRoleBinding(this, `${account}-binding`, {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
        subjects: [{ kind: "ServiceAccount", name: ACCOUNTS[account as Account], namespace: CLONE_SERVICE_NAMESPACE }],
      });
    }
  }
}

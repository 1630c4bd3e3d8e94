import type { ClusterClient } from "../client";
import type { ControlPlane } from "../control-plane";
import { eventually } from "../eventually";
import { KUBELET_CLIENT } from "../pki";
import { REAL_NODE } from "../programs";
import { policyEngine } from "../programs/policy-engine";
import { readyPods } from "../pods";
import { DNS_SERVICE, dnsManifests } from "./dns";
import { assertPoliciesHold } from "./policy-probe";

/** Starts the node's programs, brings the images in, and gives the cluster what an installer would: names and rights. */
export async function furnishRealNode(
  plane: ControlPlane,
  client: ClusterClient,
  images: readonly string[],
  enforcePolicies: boolean,
) {
  await client.create(kubeletAccess());
  await plane.add(REAL_NODE, client);
  if (enforcePolicies) await plane.add({ programs: [policyEngine] }, client);
  plane.node?.importImages(images);
  // Not before its image is there: the kubelet would wait longer and longer for it.
  for (const object of dnsManifests(plane.site)) await client.create(object);
  const resolves = async () => (await readyPods(client, "kube-system", `k8s-app=${DNS_SERVICE}`)).length > 0;
  if (enforcePolicies) await assertPoliciesHold(client);
  await eventually(resolves, { what: "the cluster's DNS", timeoutMs: 90_000 });
}

/** The API server asks kubelets for logs and runs commands by them; the bootstrap gives the role to nobody. */
function kubeletAccess() {
  const name = "kube-apiserver-kubelet";
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:kubelet-api-admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: KUBELET_CLIENT }],
  };
}

/** The cluster as one of its service accounts sees it: with a token, not by impersonation. */
import type { Cluster } from "../cluster";

/** Text of a kubeconfig for `namespace/account`, good for an hour. */
export async function kubeconfigOf(cluster: Cluster, namespace: string, account: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const { status } = await cluster.client.request("POST", path, { body: { spec: { expirationSeconds: 3600 } } });
  const { server, caData, caFile } = cluster.config.getCurrentCluster()!;
  const authority =
    caData === undefined ? { "certificate-authority": caFile } : { "certificate-authority-data": caData };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, ...authority } }],
    users: [{ name: account, user: { token: status.token as string } }],
    contexts: [{ name: "test", context: { cluster: "test", user: account } }],
    "current-context": "test",
  });
}

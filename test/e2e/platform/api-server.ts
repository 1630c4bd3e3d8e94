import type { Cluster } from "../../cluster";

/** Where a cluster's API server is, for its pods; nothing if the cluster doesn't tell. */
export async function apiServerOf({
  client,
}: Pick<Cluster, "client">): Promise<{ readonly address: string; readonly port: number } | undefined> {
  const label = "kubernetes.io/service-name=kubernetes";
  const [slice] = await client.list("discovery.k8s.io/v1", "EndpointSlice", "default", label);
  const address: unknown = slice?.endpoints?.[0]?.addresses?.[0];
  const port: unknown = slice?.ports?.[0]?.port;
  return typeof address === "string" && typeof port === "number" ? { address, port } : undefined;
}

import type { ClusterClient } from "../client";
import type { ControlPlane } from "../control-plane";
import { KUBELET_CLIENT } from "../pki";
import { REAL_NODE } from "../programs";

const NAMESPACE = "kube-system";

/** Starts the node's programs, brings the images in, and gives the cluster what an installer would: names and rights. */
export async function furnishRealNode(plane: ControlPlane, client: ClusterClient, images: readonly string[]) {
  for (const object of [kubeletAccess(), ...dnsService(plane)]) await client.create(object);
  await plane.add(REAL_NODE, client);
  plane.node?.importImages(images);
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

/** Leads the address that pods ask for names to CoreDNS, which runs beside the control plane. */
function dnsService({ site }: ControlPlane) {
  const protocols = ["UDP", "TCP"];
  const metadata = { name: "kube-dns", namespace: NAMESPACE };
  const ports = protocols.map((protocol) => ({ name: protocol.toLowerCase(), port: 53, protocol }));
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: { clusterIP: site.network.dns, ports } },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": metadata.name } },
      addressType: "IPv4",
      endpoints: [{ addresses: [site.network.host], conditions: { ready: true } }],
      ports: ports.map(({ name, protocol }) => ({ name, protocol, port: site.port("dns") })),
    },
  ];
}

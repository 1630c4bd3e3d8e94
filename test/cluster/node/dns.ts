/** The cluster's DNS on a real node: CoreDNS in a pod with its usual labels, which policies admit it by. */
import type { KubeObject } from "../client";
import { coredns } from "../programs/coredns";
import type { Site } from "../site";
import { DNS_DOMAIN } from "./configuration";
import type { ProgramImage } from "./image";

const NAMESPACE = "kube-system";
const NAME = "coredns";
const ROLES = "rbac.authorization.k8s.io";

/** What every installer calls it by, whatever serves it. */
export const DNS_SERVICE = "kube-dns";
const LABELS = { "k8s-app": DNS_SERVICE };

const IMAGE = `loomworks.test/coredns:${coredns.version}`;

/** containerd lets nobody listen there, too. */
const PORT = 53;

/** Where CoreDNS says that it has read the cluster's Services. */
const READY_PORT = 8181;

/** @param file the built program */
export function dnsImage(file: string): ProgramImage {
  return { name: IMAGE, program: { file, name: NAME }, entrypoint: ["/bin/coredns", "-conf", "/etc/coredns/Corefile"] };
}

/** What makes names resolve, in the order of creation. */
export function dnsManifests({ network }: Site): KubeObject[] {
  const metadata = { name: NAME, namespace: NAMESPACE };
  return [
    ...rights(),
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: corefile() } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: DNS_SERVICE, namespace: NAMESPACE },
      spec: {
        clusterIP: network.dns,
        selector: LABELS,
        ports: ["UDP", "TCP"].map((protocol) => ({ name: protocol.toLowerCase(), port: PORT, protocol })),
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { selector: { matchLabels: LABELS }, template: { metadata: { labels: LABELS }, spec: pod() } },
    },
  ];
}

function rights(): KubeObject[] {
  const metadata = { name: `system:${NAME}` };
  const subject = { kind: "ServiceAccount", name: NAME, namespace: NAMESPACE };
  const verbs = ["list", "watch"];
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace: NAMESPACE } },
    {
      apiVersion: `${ROLES}/v1`,
      kind: "ClusterRole",
      metadata,
      rules: [
        { apiGroups: [""], resources: ["services", "namespaces"], verbs },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs },
      ],
    },
    {
      apiVersion: `${ROLES}/v1`,
      kind: "ClusterRoleBinding",
      metadata,
      roleRef: { apiGroup: ROLES, kind: "ClusterRole", name: metadata.name },
      subjects: [subject],
    },
  ];
}

/** The cluster's own names and nothing else: there is no way out to ask for others. */
function corefile(): string {
  return `.:${PORT} {
  errors
  ready :${READY_PORT}
  kubernetes ${DNS_DOMAIN} in-addr.arpa {
    ttl 5
  }
}
`;
}

function pod() {
  return {
    serviceAccountName: NAME,
    // It can't ask itself for names while it starts.
    dnsPolicy: "Default",
    containers: [
      {
        name: NAME,
        image: IMAGE,
        ports: ["UDP", "TCP"].map((protocol) => ({ containerPort: PORT, protocol })),
        readinessProbe: { httpGet: { path: "/ready", port: READY_PORT }, periodSeconds: 1 },
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "170Mi" } },
        volumeMounts: [{ name: "configuration", mountPath: "/etc/coredns" }],
      },
    ],
    volumes: [{ name: "configuration", configMap: { name: NAME } }],
  };
}

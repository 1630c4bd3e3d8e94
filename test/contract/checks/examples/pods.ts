/** What is wrong with pods, and with what they need to start. */
import { Examples, pod, web } from "./example";

function startsFrom(doc: any, command: string[]): void {
  pod(doc).volumes = [{ name: "scripts", configMap: { name: "web-config" } }];
  const [container] = pod(doc).containers;
  container.command = command;
  container.volumeMounts.push({ name: "scripts", mountPath: "/scripts" });
}

export const PODS = {
  "mounts each volume of a pod, and only these": [
    [
      "a mount of none",
      "Deployment shop/web",
      (doc) => (web(doc).volumeMounts[0].name = "upload"),
      "mounts upload, which is no volume",
    ],
    [
      "a volume for nothing",
      "StatefulSet shop/db",
      (doc) => (pod(doc).containers[0].volumeMounts = []),
      "has volume data, and mounts it nowhere",
    ],
  ],
  "probes ports that containers have": [
    [
      "a probe of another name",
      "Deployment shop/web",
      (doc) => (web(doc).readinessProbe.httpGet.port = "https"),
      "probes port https",
    ],
    [
      "a probe of another number",
      "Deployment shop/web",
      (doc) => (web(doc).livenessProbe.tcpSocket.port = 80),
      "probes port 80",
    ],
    ["a name twice", "Deployment shop/web", (doc) => (web(doc).ports[1].name = "http"), "two ports have the name http"],
  ],
  "starts scripts that there are, with what they call": [
    [
      "a command that no ConfigMap has",
      "StatefulSet shop/db",
      (doc) => startsFrom(doc, ["/scripts/stop.sh"]),
      "starts stop.sh, which ConfigMap web-config doesn't have",
    ],
    [
      "a probe that is none",
      "StatefulSet shop/db",
      (doc) => {
        startsFrom(doc, ["/scripts/start.sh"]);
        pod(doc).containers[0].readinessProbe = { exec: { command: ["/scripts/probe.sh", "ready"] } };
      },
      "starts probe.sh",
    ],
    [
      "what a script calls that lies elsewhere",
      "StatefulSet shop/db",
      (doc) => startsFrom(doc, ["/scripts/restart.sh"]),
      "starts stop.sh",
    ],
  ],
  "pins each image": [
    [
      "no tag, after a registry's port",
      "Deployment shop/web",
      (doc) => (web(doc).image = "example.org:5000/web"),
      "isn't pinned",
    ],
    [
      "the tag that moves",
      "CronJob shop/backup",
      (doc) => (doc.spec.jobTemplate.spec.template.spec.containers[0].image = "db:latest"),
      "image db:latest isn't pinned",
    ],
    [
      "of an init container",
      "Deployment shop/web",
      (doc) => (pod(doc).initContainers[0].image = "web"),
      "image web isn't pinned",
    ],
  ],
  "[LOOM-06] holds no secret": [
    ["a Secret with data", "ConfigMap shop/web-config", (doc) => (doc.kind = "Secret"), "has data in dist"],
  ],
  "[LOOM-06] gives each Secret to the pods that need it, and to no other": [
    [
      "a reader too many",
      "StatefulSet shop/db",
      (doc) => (pod(doc).containers[0].envFrom = [{ secretRef: { name: "db-credentials" } }]),
      "Secret db-credentials: db reads it",
    ],
    [
      "a reader too few",
      "Deployment shop/web",
      (doc) => ((web(doc).env = []), (pod(doc).volumes = [])),
      "web doesn't read it",
    ],
  ],
  "[LOOM-06] refers to ConfigMaps, Secrets, claims and accounts that there are, and to keys in them": [
    [
      "another ConfigMap",
      "Deployment shop/web",
      (doc) => (pod(doc).initContainers[0].envFrom[0].configMapRef.name = "web"),
      "needs ConfigMap web",
    ],
    [
      "another key of it",
      "Deployment shop/web",
      (doc) => (web(doc).env[0].valueFrom.configMapKeyRef.key = "LANG"),
      "needs key LANG of ConfigMap web-config",
    ],
    [
      "another Secret",
      "Deployment shop/web",
      (doc) => (web(doc).env[1].valueFrom.secretKeyRef.name = "db"),
      "needs Secret db, which is neither in dist nor in the contract",
    ],
    [
      "another key in a projected volume",
      "Deployment shop/web",
      (doc) => (pod(doc).volumes[1].projected.sources[1].secret.items[0].key = "user"),
      "needs key user of Secret db-credentials",
    ],
    [
      "another claim",
      "Deployment shop/web",
      (doc) => (pod(doc).volumes[0].persistentVolumeClaim.claimName = "files"),
      "needs PersistentVolumeClaim files",
    ],
    [
      "another account",
      "Deployment shop/web",
      (doc) => (pod(doc).serviceAccountName = "shop"),
      "needs ServiceAccount shop",
    ],
    [
      "one of another namespace",
      "ServiceAccount shop/web",
      (doc) => (doc.metadata.namespace = "other"),
      "needs ServiceAccount web",
    ],
    [
      "another governing Service",
      "StatefulSet shop/db",
      (doc) => (doc.spec.serviceName = "database"),
      "needs Service database",
    ],
  ],
  "keeps Pod Security restricted, but for the exceptions written down": [
    [
      "a rule of one container",
      "Deployment shop/web",
      (doc) => (web(doc).securityContext.privileged = true),
      'breaks "Privileged Containers"',
    ],
    [
      "a rule of a CronJob's pod",
      "CronJob shop/backup",
      (doc) => (doc.spec.jobTemplate.spec.template.spec.hostNetwork = true),
      'breaks "Host Namespaces"',
    ],
  ],
  "[LOOM-16] says for each container what it needs": [
    [
      "no memory limit",
      "Deployment shop/web",
      (doc) => (web(doc).resources = { requests: { cpu: 1, memory: 1 } }),
      "container web has no limits.memory",
    ],
    [
      "nothing at all",
      "StatefulSet shop/db",
      (doc) => delete pod(doc).containers[0].resources,
      "container db has no requests.cpu",
    ],
  ],
} as const satisfies Examples;

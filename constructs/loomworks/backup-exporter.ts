import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { requirements } from "../shared/containers";
import { objectLabels, selectorLabels } from "../shared/labels";
import { restrictedContainer, restrictedPod } from "../shared/security";
import { HELPERS } from "../settings/footprint";
import { CLAIMS } from "../settings/volumes";
import { IMAGES } from "../versions";
import { POSTGRES_IDENTITY } from "./postgres";
import { claimed, METRICS_MOUNT } from "./volumes";

export const BACKUP_EXPORTER = { name: "postgres-backup-exporter", metricsPort: 9100 } as const;

/**
 * Serves what the runs of backup, copy and drill wrote of themselves: jobs are gone long before anybody asks them.
 *
 * node_exporter, of which nothing but the textfile collector is on: it sees no node.
 */
export class BackupExporter extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { name, metricsPort } = BACKUP_EXPORTER;
    const metadata = { name, labels: objectLabels(name) };
    new k8s.KubeServiceAccount(this, "ServiceAccount", { metadata, automountServiceAccountToken: false });
    new k8s.KubeService(this, "Service", {
      metadata,
      spec: {
        clusterIp: "None",
        selector: selectorLabels(name),
        ports: [{ name: "metrics", port: metricsPort, targetPort: k8s.IntOrString.fromString("metrics") }],
      },
    });
    new k8s.KubeDeployment(this, "Deployment", {
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: selectorLabels(name) },
        template: { metadata: { labels: objectLabels(name) }, spec: podSpec() },
      },
    });
  }
}

function podSpec(): k8s.PodSpec {
  const { name, metricsPort } = BACKUP_EXPORTER;
  const answers = { httpGet: { path: "/", port: k8s.IntOrString.fromString("metrics") } };
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: restrictedPod(POSTGRES_IDENTITY),
    containers: [
      {
        name,
        image: IMAGES.nodeExporter,
        args: [
          "--collector.disable-defaults",
          "--collector.textfile",
          `--collector.textfile.directory=${METRICS_MOUNT.mountPath}`,
          "--web.disable-exporter-metrics",
          `--web.listen-address=:${metricsPort}`,
        ],
        ports: [{ name: "metrics", containerPort: metricsPort }],
        readinessProbe: { ...answers, periodSeconds: 10 },
        livenessProbe: { ...answers, periodSeconds: 30 },
        resources: requirements(HELPERS.sidecar),
        securityContext: restrictedContainer(),
        volumeMounts: [{ ...METRICS_MOUNT, readOnly: true }],
      },
    ],
    volumes: [claimed("backups", CLAIMS.backups)],
  };
}

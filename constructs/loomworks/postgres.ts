import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { LOOMWORKS_SECRETS } from "../contract";
import { requirements, scratch, secretFiles } from "../shared/containers";
import { configHash } from "../shared/files";
import { objectLabels, selectorLabels } from "../shared/labels";
import { Identity, restrictedContainer, restrictedPod } from "../shared/security";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { IMAGES } from "../versions";
import { CERTIFICATE, CONFIG_FOLDER, PostgresConfig, SCRIPTS_FOLDER } from "./postgres-config";
import { claimed } from "./volumes";

export const POSTGRES = { name: "postgres", port: 5432, metricsPort: 9187 } as const;

/** User and group `postgres` of the Debian image. */
export const POSTGRES_IDENTITY: Identity = { user: 999, group: 999 };

/** User `nobody` of both images: as whom the exporter runs, and by whom PostgreSQL knows it. */
const EXPORTER_USER = 65534;

export const DATA_FOLDER = "/var/lib/postgresql/data";
const CREDENTIALS_FOLDER = "/credentials";
const SOCKET_FOLDER = "/var/run/postgresql";

/** The image stops PostgreSQL by SIGINT: clients are cut off, a checkpoint is written, and the last WAL is archived. */
const SHUTDOWN_SECONDS = 120;

/** Nodes that AWS doesn't take back; those without the label, as of a cluster that isn't in AWS, are none of its. */
const OFF_SPOT: k8s.Affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: "karpenter.sh/capacity-type", operator: "NotIn", values: ["spot"] }] },
      ],
    },
  },
};

export interface PostgresProps {
  readonly settings: LoomworksSettings["postgres"];
  readonly config: PostgresConfig;
}

/** One PostgreSQL server, `postgres-0.postgres`, with its data and its WAL archive on volumes of their own. */
export class Postgres extends Construct {
  constructor(scope: Construct, id: string, props: PostgresProps) {
    super(scope, id);
    this.createServiceAccount();
    this.createService();
    this.createStatefulSet(props);
  }

  private createServiceAccount(): void {
    new k8s.KubeServiceAccount(this, "ServiceAccount", {
      metadata: { name: POSTGRES.name, labels: objectLabels(POSTGRES.name) },
      automountServiceAccountToken: false,
    });
  }

  private createService(): void {
    new k8s.KubeService(this, "Service", {
      metadata: { name: POSTGRES.name, labels: objectLabels(POSTGRES.name) },
      spec: {
        clusterIp: "None",
        selector: selectorLabels(POSTGRES.name),
        ports: [
          { name: "postgres", port: POSTGRES.port, targetPort: k8s.IntOrString.fromString("postgres") },
          { name: "metrics", port: POSTGRES.metricsPort, targetPort: k8s.IntOrString.fromString("metrics") },
        ],
      },
    });
  }

  private createStatefulSet({ settings, config }: PostgresProps): void {
    new k8s.KubeStatefulSet(this, "StatefulSet", {
      metadata: { name: POSTGRES.name, labels: objectLabels(POSTGRES.name) },
      spec: {
        serviceName: POSTGRES.name,
        replicas: 1,
        selector: { matchLabels: selectorLabels(POSTGRES.name) },
        template: {
          metadata: {
            labels: objectLabels(POSTGRES.name),
            annotations: {
              ...configHash(config.configuration, config.serverScripts),
              // A single server has no replica to go to: Karpenter must not move it to save money.
              "karpenter.sh/do-not-disrupt": "true",
            },
          },
          spec: {
            serviceAccountName: POSTGRES.name,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: restrictedPod(POSTGRES_IDENTITY),
            affinity: settings.spot ? undefined : OFF_SPOT,
            terminationGracePeriodSeconds: SHUTDOWN_SECONDS,
            containers: [serverContainer(settings), rolesContainer(), exporterContainer()],
            volumes: [
              claimed("data", CLAIMS.data),
              claimed("wal-archive", CLAIMS.wal),
              { name: "config", configMap: { name: config.configuration.name } },
              { name: "scripts", configMap: { name: config.serverScripts.name, defaultMode: 0o555 } },
              certificateFiles(),
              secretFiles("superuser", [LOOMWORKS_SECRETS.superuser]),
              secretFiles("roles", [LOOMWORKS_SECRETS.odoo, LOOMWORKS_SECRETS.backup]),
              scratch("socket", "16Mi"),
              scratch("tmp", "256Mi"),
              // Parallel queries share memory here; the 64 MB that a container has otherwise make them fail.
              scratch("shm", "256Mi", "Memory"),
            ],
          },
        },
      },
    });
  }
}

const CERTIFICATE_MOUNT: k8s.VolumeMount = { name: "tls", mountPath: CERTIFICATE.folder, readOnly: true };

/** PostgreSQL refuses a key that is root's with more than 0640, and one of its own with more than 0600: these are root's. */
function certificateFiles(): k8s.Volume {
  const items = ["tls.crt", "tls.key"].map((key) => ({ key, path: key }));
  return { name: "tls", secret: { secretName: CERTIFICATE.secret, items, defaultMode: 0o440 } };
}

function serverContainer(settings: LoomworksSettings["postgres"]): k8s.Container {
  const probe = (state: "alive" | "ready") => ({ exec: { command: [`${SCRIPTS_FOLDER}/probe.sh`, state] } });
  return {
    name: "postgres",
    image: IMAGES.postgres,
    args: ["-c", `config_file=${CONFIG_FOLDER}/postgresql.conf`],
    ports: [{ name: "postgres", containerPort: POSTGRES.port }],
    env: [
      { name: "PGDATA", value: `${DATA_FOLDER}/pgdata` },
      { name: "POSTGRES_INITDB_ARGS", value: "--data-checksums --auth-local=peer --auth-host=scram-sha-256" },
      { name: "POSTGRES_PASSWORD_FILE", value: `${CREDENTIALS_FOLDER}/${LOOMWORKS_SECRETS.superuser.name}/password` },
    ],
    resources: requirements(settings.resources),
    securityContext: restrictedContainer(),
    // Ten minutes to answer at all, and then never silent for two. One that starts or recovers answers: however long it takes,
    // it isn't killed. probe.sh gives up after eight seconds.
    startupProbe: { ...probe("alive"), periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 120 },
    livenessProbe: { ...probe("alive"), periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...probe("ready"), periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 2 },
    volumeMounts: [
      { name: "data", mountPath: DATA_FOLDER },
      { name: "wal-archive", mountPath: "/wal-archive" },
      { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
      { name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true },
      CERTIFICATE_MOUNT,
      { name: "superuser", mountPath: CREDENTIALS_FOLDER, readOnly: true },
      { name: "socket", mountPath: SOCKET_FOLDER },
      { name: "tmp", mountPath: "/tmp" },
      { name: "shm", mountPath: "/dev/shm" },
    ],
  };
}

/** Makes the roles, and follows a rotated Secret and a renewed certificate without a restart of the server. */
function rolesContainer(): k8s.Container {
  return {
    name: "roles",
    image: IMAGES.postgres,
    command: [`${SCRIPTS_FOLDER}/keep-roles.sh`],
    resources: requirements(HELPERS.sidecar),
    securityContext: restrictedContainer(),
    volumeMounts: [
      { name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true },
      { name: "roles", mountPath: CREDENTIALS_FOLDER, readOnly: true },
      CERTIFICATE_MOUNT,
      { name: "socket", mountPath: SOCKET_FOLDER },
    ],
  };
}

function exporterContainer(): k8s.Container {
  return {
    name: "exporter",
    image: IMAGES.postgresExporter,
    ports: [{ name: "metrics", containerPort: POSTGRES.metricsPort }],
    // Without a password: it would read one at its start alone, and a rotation would leave it outside.
    env: [{ name: "DATA_SOURCE_NAME", value: `host=${SOCKET_FOLDER} user=exporter dbname=postgres sslmode=disable` }],
    resources: requirements(HELPERS.sidecar),
    securityContext: { ...restrictedContainer(), runAsUser: EXPORTER_USER },
    livenessProbe: { httpGet: { path: "/", port: k8s.IntOrString.fromString("metrics") }, periodSeconds: 30 },
    volumeMounts: [{ name: "socket", mountPath: SOCKET_FOLDER, readOnly: true }],
  };
}

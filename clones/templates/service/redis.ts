import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { CLONE_SECRETS } from "../../../constructs/contract";
import type { ClonesSettings } from "../../../constructs/settings";
import { requirements, scratch, secretVariable } from "../../../constructs/shared/containers";
import { configHash } from "../../../constructs/shared/files";
import { objectLabels, selectorLabels } from "../../../constructs/shared/labels";
import { Identity, restrictedContainer, restrictedPod } from "../../../constructs/shared/security";
import { IMAGES } from "../../../constructs/versions";
import { PORTS, POWERLESS } from "../accounts";
import { FOLDERS, RedisConfig, USERS_FILE } from "./redis-config";

const NAME = POWERLESS.redis;
const CLAIM = `${NAME}-data`;

/** User and group `redis` of the Debian image. */
const REDIS_IDENTITY: Identity = { user: 999, group: 999 };

/** User of the exporter's image, which has no file but its program. */
const EXPORTER_USER = 59_000;

/** The documents' figures. */
const RESOURCES = { cpuRequest: "100m", cpuLimit: "500m", memoryRequest: "128Mi", memoryLimit: "512Mi" } as const;
const EXPORTER_RESOURCES = { cpuRequest: "20m", cpuLimit: "200m", memoryRequest: "32Mi", memoryLimit: "64Mi" } as const;
const INIT_RESOURCES = { cpuRequest: "20m", cpuLimit: "200m", memoryRequest: "16Mi", memoryLimit: "32Mi" } as const;

/** Writing the rest of the append-only file takes a second or two; this is for a slow disk. */
const SHUTDOWN_SECONDS = 60;

/**
 * The queue (decision 13): one Redis that keeps what it has on a volume. Its end costs minutes and no job, since the jobs
 * table is the record.
 */
export class Redis extends Construct {
  constructor(scope: Construct, id: string, { service }: ClonesSettings) {
    super(scope, id);
    const config = new RedisConfig(this, "Config");
    this.createClaim(service.redis);
    this.createService();
    this.createStatefulSet(config);
  }

  /** Apart from the StatefulSet, whose templates can't be changed: a volume has to be able to grow. */
  private createClaim({ volume, storageClass }: ClonesSettings["service"]["redis"]): void {
    new k8s.KubePersistentVolumeClaim(this, "Claim", {
      metadata: { name: CLAIM, labels: objectLabels(NAME) },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: storageClass,
        resources: { requests: { storage: k8s.Quantity.fromString(volume) } },
      },
    });
  }

  private createService(): void {
    const port = (name: string, number: number) => ({
      name,
      port: number,
      targetPort: k8s.IntOrString.fromString(name),
    });
    new k8s.KubeService(this, "Service", {
      metadata: { name: NAME, labels: objectLabels(NAME) },
      spec: {
        clusterIp: "None",
        selector: selectorLabels(NAME),
        ports: [port("redis", PORTS.redis), port("metrics", PORTS.redisMetrics)],
      },
    });
  }

  private createStatefulSet({ configuration, scripts }: RedisConfig): void {
    new k8s.KubeStatefulSet(this, "StatefulSet", {
      metadata: { name: NAME, labels: objectLabels(NAME) },
      spec: {
        serviceName: NAME,
        replicas: 1,
        selector: { matchLabels: selectorLabels(NAME) },
        template: {
          metadata: {
            labels: objectLabels(NAME),
            annotations: {
              ...configHash(configuration, scripts),
              // A single server has no replica to go to: Karpenter must not move it to save money.
              "karpenter.sh/do-not-disrupt": "true",
            },
          },
          spec: {
            serviceAccountName: NAME,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: restrictedPod(REDIS_IDENTITY),
            terminationGracePeriodSeconds: SHUTDOWN_SECONDS,
            initContainers: [usersContainer()],
            containers: [serverContainer(), exporterContainer()],
            volumes: [
              { name: "data", persistentVolumeClaim: { claimName: CLAIM } },
              { name: "config", configMap: { name: configuration.name } },
              { name: "scripts", configMap: { name: scripts.name, defaultMode: 0o555 } },
              scratch("users", "1Mi", "Memory"),
            ],
          },
        },
      },
    });
  }
}

const password = () => secretVariable("REDIS_PASSWORD", CLONE_SECRETS.redis.name, "password");
const SCRIPTS_MOUNT: k8s.VolumeMount = { name: "scripts", mountPath: FOLDERS.scripts, readOnly: true };

/** Has the password; the server needs but its hash, and so nobody finds it there. */
function usersContainer(): k8s.Container {
  return {
    name: "users",
    image: IMAGES.redis,
    command: [`${FOLDERS.scripts}/acl.sh`, USERS_FILE],
    env: [password()],
    resources: requirements(INIT_RESOURCES),
    securityContext: restrictedContainer(),
    volumeMounts: [SCRIPTS_MOUNT, { name: "users", mountPath: FOLDERS.users }],
  };
}

function serverContainer(): k8s.Container {
  const probe = (state: "alive" | "ready") => ({ exec: { command: [`${FOLDERS.scripts}/probe.sh`, state] } });
  return {
    name: "redis",
    image: IMAGES.redis,
    command: ["redis-server", `${FOLDERS.config}/redis.conf`],
    ports: [{ name: "redis", containerPort: PORTS.redis }],
    resources: requirements(RESOURCES),
    securityContext: restrictedContainer(),
    startupProbe: { ...probe("alive"), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60 },
    livenessProbe: { ...probe("alive"), periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { ...probe("ready"), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
    volumeMounts: [
      { name: "data", mountPath: FOLDERS.data },
      { name: "config", mountPath: FOLDERS.config, readOnly: true },
      { name: "users", mountPath: FOLDERS.users, readOnly: true },
      SCRIPTS_MOUNT,
    ],
  };
}

function exporterContainer(): k8s.Container {
  return {
    name: "exporter",
    image: IMAGES.redisExporter,
    ports: [{ name: "metrics", containerPort: PORTS.redisMetrics }],
    env: [
      { name: "REDIS_ADDR", value: `redis://127.0.0.1:${PORTS.redis}` },
      { name: "REDIS_USER", value: "exporter" },
      // CONFIG would show more than figures, and its user may not ask for it.
      { name: "REDIS_EXPORTER_CONFIG_COMMAND", value: "-" },
      password(),
    ],
    resources: requirements(EXPORTER_RESOURCES),
    securityContext: { ...restrictedContainer(), runAsUser: EXPORTER_USER, runAsGroup: EXPORTER_USER },
    livenessProbe: { httpGet: { path: "/health", port: k8s.IntOrString.fromString("metrics") }, periodSeconds: 30 },
  };
}

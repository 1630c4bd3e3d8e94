import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { noRetryAfter, requirements, scratch } from "../shared/containers";
import { Files } from "../shared/files";
import { objectLabels, selectorLabels } from "../shared/labels";
import { restrictedContainer, restrictedPod } from "../shared/security";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { IMAGES } from "../versions";
import { DATA_FOLDER, POSTGRES_IDENTITY } from "./postgres";
import { CONFIG_FOLDER, scriptFiles } from "./postgres-config";
import { jobPod, JobPodProps } from "./scheduled-job";
import { claimed } from "./volumes";

/** Beginning of the names of everything that a restore makes. No workload of an installation begins like it. */
export const RESTORE_PREFIX = "postgres-restore-";

/** What the script asks for is in the message that its container ends with. */
const RESULT_FILE = "/dev/termination-log";

const SCRIPTS = ["backups.sh", "lone-server.sh", "report.sh", "restore-wal.sh", "restore.sh"];

/** Exit code of what no further attempt would change (`scripts/restore.sh`). */
const REFUSED = 64;

/** A pod whose node ends is followed by another. What it left is no hindrance. */
const RETRIES = 2;

/** No restore of what fits onto the data volume takes longer; one that hangs has to end some time. */
const DEADLINE_SECONDS = 24 * 3600;

/** PostgreSQL's configuration of a copy: it can be asked by who may enter its pod, and by nobody else. */
const CONFIGURATION = {
  "postgresql.conf": [
    "listen_addresses = ''",
    `hba_file = '${CONFIG_FOLDER}/pg_hba.conf'`,
    // It may never write into the archive of the server that it is a copy of.
    "archive_mode = off",
    "shared_buffers = 256MB",
    "",
  ].join("\n"),
  "pg_hba.conf": "local all postgres peer\n",
};

/** Claims that backups and archive are read from, in the namespace of the restore. */
export interface RestoreSources {
  readonly backups: string;
  readonly wal: string;
}

export interface RestoreProps {
  /** Of all objects; begins with {@link RESTORE_PREFIX}. */
  readonly name: string;
  /** Where the restore runs. */
  readonly namespace: string;
  readonly settings: LoomworksSettings;
  /** What to restore: options of `scripts/restore.sh`. */
  readonly options: readonly string[];
  /** @default those of the installation */
  readonly sources?: RestoreSources;
}

/**
 * A restored server beside the installation's, on a volume of its own: {@link job} fills the volume, then {@link server} serves it to
 * whoever may enter its pod. Nothing connects to it over the network, nor it to anything.
 */
export class RestoredCopy extends Chart {
  constructor(scope: Construct, id: string, props: RestoreProps) {
    super(scope, id, { namespace: props.namespace });
    const { name, settings } = props;
    createClaim(this, name, settings);
    new RestoreJob(this, "Restore", { ...props, claim: name });
    const configuration = new Files(this, "Configuration", {
      name: `${name}-config`,
      owner: name,
      data: CONFIGURATION,
    });
    createServer(this, name, configuration);
  }
}

export interface SharedVolumeProps {
  /** Of the claim. */
  readonly name: string;
  readonly namespace: string;
  /** Size that the original has; a shared file system takes what is written. */
  readonly capacity: string;
  /** What the original is, and where it can be reached from. */
  readonly source: SharedSource;
}

/** Kinds of volumes that two PersistentVolumes may stand for: a shared file system, or a folder of one node. */
export type SharedSource = Pick<k8s.PersistentVolumeSpec, "csi" | "nfs" | "local" | "nodeAffinity">;

/**
 * A shared volume of another namespace, for reading: a claim is of its own namespace alone, but one file system may stand behind
 * two PersistentVolumes. The original stays what it is; nothing is deleted with this one.
 */
export class SharedVolumes extends Chart {
  constructor(scope: Construct, id: string, volumes: readonly SharedVolumeProps[]) {
    super(scope, id);
    for (const props of volumes) createShared(this, props);
  }
}

function createShared(scope: Construct, { name, namespace, capacity, source }: SharedVolumeProps): void {
  const volumeName = `${namespace}-${name}`;
  const [labels, accessModes] = [objectLabels(name), ["ReadOnlyMany"]];
  const storage = k8s.Quantity.fromString(capacity);
  new k8s.KubePersistentVolume(scope, `${name}-volume`, {
    metadata: { name: volumeName, labels },
    spec: {
      accessModes,
      capacity: { storage },
      storageClassName: "",
      persistentVolumeReclaimPolicy: "Retain",
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name },
      ...source,
      ...(source.csi && { csi: { ...source.csi, readOnly: true } }),
      ...(source.nfs && { nfs: { ...source.nfs, readOnly: true } }),
    },
  });
  new k8s.KubePersistentVolumeClaim(scope, name, {
    metadata: { name, namespace, labels },
    spec: { accessModes, volumeName, storageClassName: "", resources: { requests: { storage } } },
  });
}

/** A restore that takes the place of the server's data; the server must be down. The old data stay beside the new. */
export class RestoreInPlace extends Chart {
  constructor(scope: Construct, id: string, props: RestoreProps) {
    super(scope, id, { namespace: props.namespace });
    const options = [...props.options, "--replace"];
    new RestoreJob(this, "Restore", { ...props, options, claim: CLAIMS.data });
  }
}

interface RestoreJobProps extends RestoreProps {
  /** Volume claim that is restored onto. */
  readonly claim: string;
}

/** The Job with all that it needs. It reads backups and archive, writes onto the one volume, and reaches nothing over the network. */
class RestoreJob extends Construct {
  constructor(scope: Construct, id: string, props: RestoreJobProps) {
    super(scope, id);
    const { name, options, claim, sources = { backups: CLAIMS.backups, wal: CLAIMS.wal } } = props;
    const labels = objectLabels(name);
    new k8s.KubeServiceAccount(this, "ServiceAccount", {
      metadata: { name, labels },
      automountServiceAccountToken: false,
    });
    new k8s.KubeNetworkPolicy(this, "Isolation", {
      metadata: { name, labels },
      spec: { podSelector: { matchLabels: selectorLabels(name) }, policyTypes: ["Ingress", "Egress"] },
    });
    const scripts = new Files(this, "Scripts", { name: `${name}-scripts`, owner: name, data: scriptFiles(SCRIPTS) });
    const job: JobPodProps = {
      name,
      script: "restore.sh",
      args: options,
      resources: HELPERS.restore,
      env: [
        { name: "DATA", value: `${DATA_FOLDER}/pgdata` },
        { name: "RESULT", value: RESULT_FILE },
      ],
      mounts: [
        { name: "data", mountPath: DATA_FOLDER },
        { name: "backups", mountPath: "/backups", readOnly: true },
        { name: "wal-archive", mountPath: "/wal-archive", readOnly: true },
      ],
      volumes: [
        claimed("data", claim),
        claimed("backups", sources.backups, true),
        claimed("wal-archive", sources.wal, true),
      ],
    };
    new k8s.KubeJob(this, "Job", {
      metadata: { name, labels },
      spec: {
        backoffLimit: RETRIES,
        activeDeadlineSeconds: DEADLINE_SECONDS,
        podFailurePolicy: noRetryAfter(REFUSED),
        template: {
          metadata: { labels, annotations: { "karpenter.sh/do-not-disrupt": "true" } },
          spec: jobPod(job, scripts),
        },
      },
    });
  }
}

function createClaim(scope: Construct, name: string, { storageClass, postgres }: LoomworksSettings): void {
  new k8s.KubePersistentVolumeClaim(scope, "Claim", {
    metadata: { name, labels: objectLabels(name) },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: storageClass,
      resources: { requests: { storage: k8s.Quantity.fromString(postgres.dataVolume) } },
    },
  });
}

function createServer(scope: Construct, name: string, configuration: Files): void {
  const answers = { exec: { command: ["pg_isready", "--quiet"] }, timeoutSeconds: 5 };
  new k8s.KubeDeployment(scope, "Server", {
    metadata: { name, labels: objectLabels(name) },
    spec: {
      replicas: 1,
      // One at a time has the volume.
      strategy: { type: "Recreate" },
      selector: { matchLabels: selectorLabels(name) },
      template: {
        metadata: { labels: objectLabels(name) },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: restrictedPod(POSTGRES_IDENTITY),
          containers: [
            {
              name: "postgres",
              image: IMAGES.postgres,
              args: ["-c", `config_file=${CONFIG_FOLDER}/postgresql.conf`],
              env: [{ name: "PGDATA", value: `${DATA_FOLDER}/pgdata` }],
              resources: requirements(HELPERS.restore),
              securityContext: restrictedContainer(),
              readinessProbe: { ...answers, periodSeconds: 5 },
              volumeMounts: [
                { name: "data", mountPath: DATA_FOLDER },
                { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
                { name: "socket", mountPath: "/var/run/postgresql" },
                { name: "tmp", mountPath: "/tmp" },
                { name: "shm", mountPath: "/dev/shm" },
              ],
            },
          ],
          volumes: [
            claimed("data", name),
            { name: "config", configMap: { name: configuration.name } },
            scratch("socket", "16Mi"),
            scratch("tmp", "256Mi"),
            scratch("shm", "256Mi", "Memory"),
          ],
        },
      },
    },
  });
}

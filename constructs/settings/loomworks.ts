/** The settings of one Loomworks installation: Odoo with a PostgreSQL of its own, in a namespace of its own. */
import { z } from "zod";
import { bytes, count, cpu, dnsLabel, domain, schedule } from "./fields";

/** What a container is promised, and what it may take at the most. */
const resources = (defaults: Resources) =>
  z
    .strictObject({
      cpuRequest: cpu().default(defaults.cpuRequest).describe("CPU that the scheduler sets aside"),
      cpuLimit: cpu().default(defaults.cpuLimit).describe("CPU above which the container is slowed down"),
      memoryRequest: bytes().default(defaults.memoryRequest).describe("Memory that the scheduler sets aside"),
      memoryLimit: bytes().default(defaults.memoryLimit).describe("Memory above which the container is killed"),
    })
    .prefault({});

export interface Resources {
  readonly cpuRequest: string;
  readonly cpuLimit: string;
  readonly memoryRequest: string;
  readonly memoryLimit: string;
}

const postgres = z
  .strictObject({
    resources: resources({ cpuRequest: "500m", cpuLimit: "2000m", memoryRequest: "2Gi", memoryLimit: "4Gi" }),
    dataVolume: bytes().default("50Gi").describe("Size of the volume with the databases. It can grow, never shrink"),
    walVolume: bytes().default("50Gi").describe("Size of the volume with the WAL archive. It can grow, never shrink"),
    maxConnections: count(20, 2000).default(400).describe("Connections that PostgreSQL accepts"),
    archiveTimeoutSeconds: count(10, 3600)
      .default(60)
      .describe(
        "Longest time, in seconds, until a quiet server archives what it has: the most that a lost disk can cost",
      ),
    spot: z
      .boolean()
      .default(false)
      .describe("Whether PostgreSQL may stand on a spot node, which AWS takes back at two minutes' notice"),
  })
  .prefault({});

const migration = z
  .strictObject({
    deadlineMinutes: count(10, 1440)
      .default(180)
      .describe(
        "Longest time, in minutes, for the backup and the updates of all databases, before a new release starts",
      ),
    backupMaxAgeMinutes: count(1, 1440)
      .default(60)
      .describe("Age, in minutes, up to which a backup that is there already is good enough to migrate after"),
  })
  .prefault({});

const copies = z
  .strictObject({
    max: count(0, 50).default(3).describe("Most neutralised copies of databases at a time; 0 allows none"),
    maxDays: count(1, 90).default(14).describe("Longest life of a copy, in days"),
  })
  .prefault({});

const odoo = z
  .strictObject({
    resources: resources({ cpuRequest: "500m", cpuLimit: "2000m", memoryRequest: "2Gi", memoryLimit: "4Gi" }),
    minReplicas: count(2, 50).default(2).describe("Fewest web replicas. Two, or the end of a node is an outage"),
    maxReplicas: count(2, 50).default(10).describe("Most web replicas; the alert OdooAtMaximum fires there"),
    workers: count(1, 32).default(3).describe("Processes for requests in each replica (about six users each)"),
    firstDatabase: z
      .union([z.literal(""), dnsLabel()])
      .default("")
      .describe("Database that the first migration makes, if it isn't there: the part before the domain. Empty: none"),
    migration,
    copies,
    cronThreads: count(1, 8).default(2).describe("Scheduled actions that run at once"),
    filestoreVolume: bytes().default("100Gi").describe("Size of the shared volume with attachments and sessions"),
    rolloutDeadlineSeconds: count(60, 3600)
      .default(600)
      .describe("Seconds without progress after which a rollout counts as failed and OdooRolloutStuck fires"),
  })
  .prefault({});

const offsite = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        "Whether WAL, backups and attachments are copied to the stack's bucket. Without a bucket, the copies do nothing",
      ),
    schedule: schedule()
      .default("*/5 * * * *")
      .describe("When new WAL is copied: a cron line, UTC. The gap is what the loss of both volumes can cost"),
    backupsSchedule: schedule()
      .default("20 * * * *")
      .describe("When new backups are copied: a cron line, UTC. Until then, the bucket restores from the one before"),
    filestoreSchedule: schedule()
      .default("*/15 * * * *")
      .describe(
        "When new attachments are copied: a cron line, UTC. The gap is what the loss of their volume can cost; a run lists all of them",
      ),
  })
  .prefault({});

const backup = z
  .strictObject({
    schedule: schedule().default("0 2 * * *").describe("When base backups begin: a cron line, UTC"),
    keepCount: count(1, 365).default(7).describe("Verified backups that stay, however old they are"),
    keepDays: count(1, 3650).default(30).describe("Days after which a backup beyond keepCount goes"),
    volume: bytes().default("200Gi").describe("Size of the volume with the backups. It can grow, never shrink"),
    offsite,
  })
  .prefault({});

const drill = z
  .strictObject({
    schedule: schedule()
      .default("0 4 * * 0")
      .describe("When the newest backup is restored for proof: a cron line, UTC"),
    scratchVolume: bytes().default("100Gi").describe("Size of the throw-away volume that the drill restores into"),
    maxRestoreMinutes: count(1, 1440).default(60).describe("Longest restore, in minutes, that is good enough (RTO)"),
  })
  .prefault({});

const quota = z
  .strictObject({
    cpuRequests: cpu().default("12").describe("Sum of the CPU requests of all pods"),
    cpuLimits: cpu().default("48").describe("Sum of the CPU limits of all pods"),
    memoryRequests: bytes().default("36Gi").describe("Sum of the memory requests of all pods"),
    memoryLimits: bytes().default("84Gi").describe("Sum of the memory limits of all pods"),
    storage: bytes().default("600Gi").describe("Sum of the volume claims"),
    pods: count(5, 500).default(30).describe("Number of pods"),
  })
  .prefault({});

export const loomworksSchema = z.strictObject({
  namespace: dnsLabel().default("loomworks").describe("Namespace of this installation"),
  domain: domain().default("loomworks.app").describe("Domain whose subdomains are the databases: acme.loomworks.app"),
  clusterIssuer: dnsLabel().default("letsencrypt").describe("cert-manager ClusterIssuer that can answer DNS-01"),
  storageClass: dnsLabel().default("gp3").describe("StorageClass of the database volume (ReadWriteOnce)"),
  sharedStorageClass: dnsLabel().default("efs").describe("StorageClass of the shared volumes (ReadWriteMany)"),
  protectData: z.boolean().default(true).describe("Whether Pulumi refuses to delete the namespace and its volumes"),
  postgres,
  odoo,
  backup,
  drill,
  quota,
});

export type LoomworksSettings = z.output<typeof loomworksSchema>;

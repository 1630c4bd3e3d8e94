import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { LOOMWORKS_SECRETS } from "../contract";
import { requirements } from "../shared/containers";
import { hashOf } from "../shared/files";
import { objectLabels } from "../shared/labels";
import { restrictedContainer, restrictedPod } from "../shared/security";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { IMAGES } from "../versions";
import { AUTHORITY_MOUNT, connectionAs } from "./database-connection";
import type { OdooConfig } from "./odoo-config";
import { NO_RETRY_OF_REFUSALS, odooJobContainer, odooJobPod, WORK_MOUNT } from "./odoo-job";
import { ODOO_IDENTITY, RELEASE } from "./odoo-pod";
import { POSTGRES_IDENTITY } from "./postgres";
import { PostgresConfig, SCRIPTS_FOLDER } from "./postgres-config";
import { claimed, METRICS_MOUNT } from "./volumes";

export const MIGRATION = "odoo-migrate";

/** Further tries of a run that failed: each goes on with the database that it failed at. */
const RETRIES = 2;

/** A day: long enough to read the log of one that failed, and the alert has seen it. */
const KEPT_SECONDS = 86_400;

export interface OdooMigrationProps {
  readonly settings: LoomworksSettings;
  readonly config: OdooConfig;
  /** Whose scripts take the backup. */
  readonly postgresConfig: PostgresConfig;
}

/**
 * Brings Odoo's databases to the release of the image, before its pods serve them (`scripts/migrate-databases.sh`): it looks
 * what is to be done, has a base backup taken, and updates one database after the other under a lock.
 *
 * A Job can't be changed, so its name has a hash of its pod: another image makes another Job, and so does another script. Each
 * may run at any time: what is done already is left alone.
 */
export class OdooMigration extends Construct {
  constructor(scope: Construct, id: string, props: OdooMigrationProps) {
    super(scope, id);
    const labels = objectLabels(MIGRATION);
    const { deadlineMinutes } = props.settings.odoo.migration;
    const template = podTemplate(props);
    new k8s.KubeServiceAccount(this, "ServiceAccount", {
      metadata: { name: MIGRATION, labels },
      automountServiceAccountToken: false,
    });
    new k8s.KubeJob(this, "Job", {
      metadata: {
        name: `${MIGRATION}-${hashOf(template)}`,
        labels,
        // Pulumi waits ten minutes for a Job otherwise, and takes one that is still at work for failed.
        annotations: { "pulumi.com/timeoutSeconds": String(deadlineMinutes * 60) },
      },
      spec: {
        backoffLimit: RETRIES,
        activeDeadlineSeconds: deadlineMinutes * 60,
        ttlSecondsAfterFinished: KEPT_SECONDS,
        podFailurePolicy: NO_RETRY_OF_REFUSALS,
        template,
      },
    });
  }
}

function podTemplate({ settings, config, postgresConfig }: OdooMigrationProps): k8s.PodTemplateSpec {
  const step = (name: string, mode: "plan" | "run", env: Readonly<Record<string, string>>) =>
    odooJobContainer({
      name,
      image: IMAGES.odoo,
      script: ["migrate-databases.sh", mode],
      resources: HELPERS.migration,
      env: { RELEASE, ...env },
    });
  const { firstDatabase } = settings.odoo;
  return odooJobPod({
    name: MIGRATION,
    config,
    scripts: [postgresConfig.jobScripts],
    image: IMAGES.odoo,
    containers: [
      step("plan", "plan", {}),
      backupContainer(settings),
      step(MIGRATION, "run", firstDatabase === "" ? {} : { FIRST_DATABASE: firstDatabase }),
    ],
    volumes: [
      claimed("backups", CLAIMS.backups),
      claimed("wal-archive", CLAIMS.wal),
      { name: "backup-scripts", configMap: { name: postgresConfig.jobScripts.name, defaultMode: 0o555 } },
    ],
    securityContext: sharedByTwoUsers(),
  });
}

function backupContainer({ backup, odoo }: LoomworksSettings): k8s.Container {
  const env: Readonly<Record<string, number>> = {
    MAX_AGE_SECONDS: odoo.migration.backupMaxAgeMinutes * 60,
    KEEP_COUNT: backup.keepCount,
    KEEP_DAYS: backup.keepDays,
  };
  return {
    name: "backup",
    image: IMAGES.postgres,
    command: [`${SCRIPTS_FOLDER}/backup-before-migration.sh`],
    env: [
      ...connectionAs(LOOMWORKS_SECRETS.backup),
      ...Object.entries(env).map(([name, value]) => ({ name, value: String(value) })),
    ],
    resources: requirements(HELPERS.backup),
    securityContext: {
      ...restrictedContainer(),
      runAsUser: POSTGRES_IDENTITY.user,
      runAsGroup: POSTGRES_IDENTITY.group,
    },
    volumeMounts: [
      { name: "backup-scripts", mountPath: SCRIPTS_FOLDER, readOnly: true },
      { name: "backups", mountPath: "/backups" },
      { name: "wal-archive", mountPath: "/wal-archive" },
      { name: "tmp", mountPath: "/tmp" },
      AUTHORITY_MOUNT,
      METRICS_MOUNT,
      WORK_MOUNT,
    ],
  };
}

/**
 * Odoo's files belong to one group, and the backups to another. No `fsGroup`: the kubelet would give the WAL archive, which
 * PostgreSQL has open, to Odoo's. On EFS, the access point decides for each volume.
 */
function sharedByTwoUsers(): k8s.PodSecurityContext {
  return {
    ...restrictedPod(ODOO_IDENTITY),
    fsGroup: undefined,
    fsGroupChangePolicy: undefined,
    supplementalGroups: [ODOO_IDENTITY.group, POSTGRES_IDENTITY.group],
  };
}

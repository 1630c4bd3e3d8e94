import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "../shared/labels";
import { parseQuantity } from "../shared/quantity";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { IMAGES } from "../versions";
import type { OdooConfig } from "./odoo-config";
import { odooJobContainer, odooJobPod } from "./odoo-job";

/** Name of the pods that make and remove copies, and of their ServiceAccount. */
export const ODOO_COPY = "odoo-copy";

/** Of the pods that end what has expired. */
export const SWEEP = `${ODOO_COPY}-sweep`;

/** Cron line, UTC. */
export const SWEEP_SCHEDULE = "40 * * * *";

/** Of each Job that makes or removes a copy. Two hours: some hundreds of GB, or the end of a long migration that it waits for. */
export const ODOO_COPY_LIMITS = { deadlineSeconds: 7200, backoffLimit: 3 } as const;

export interface OdooCopyPodProps {
  readonly action: "create" | "remove";
  /** Database that is copied. */
  readonly source: string;
  /** Database that is made or removed. */
  readonly copy: string;
  /** When it ends: RFC 3339 in UTC, to the second. */
  readonly expiresAt: string;
  readonly config: OdooConfig;
  readonly settings: LoomworksSettings;
}

/** The pod that makes or removes one copy (`scripts/copy-database.sh`); who asks for it, makes the Job around it. */
export function odooCopyPod(props: OdooCopyPodProps): k8s.PodTemplateSpec {
  const { action, source, copy, expiresAt } = props;
  const env = { ACTION: action, SOURCE: source, COPY: copy, EXPIRES_AT: expiresAt };
  return copyPod(ODOO_COPY, props, env);
}

export interface OdooCopiesProps {
  readonly config: OdooConfig;
  readonly settings: LoomworksSettings;
}

/** What copies need that nobody asks for: an identity for their pods, and each hour the end of those that have expired. */
export class OdooCopies extends Construct {
  constructor(scope: Construct, id: string, props: OdooCopiesProps) {
    super(scope, id);
    for (const name of [ODOO_COPY, SWEEP]) {
      new k8s.KubeServiceAccount(this, name, {
        metadata: { name, labels: objectLabels(name) },
        automountServiceAccountToken: false,
      });
    }
    new k8s.KubeCronJob(this, "Sweep", {
      metadata: { name: SWEEP, labels: objectLabels(SWEEP) },
      spec: {
        schedule: SWEEP_SCHEDULE,
        timeZone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 600,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels: objectLabels(SWEEP) },
          spec: {
            // The next hour is the next try.
            backoffLimit: 0,
            activeDeadlineSeconds: 3000,
            template: copyPod(SWEEP, props, { ACTION: "sweep" }),
          },
        },
      },
    });
  }
}

function copyPod(
  name: string,
  { config, settings }: OdooCopiesProps,
  env: Readonly<Record<string, string>>,
): k8s.PodTemplateSpec {
  const { copies } = settings.odoo;
  const resources = HELPERS.copy;
  // PostgreSQL's image: its pg_dump is the server's own, and never older.
  const main = odooJobContainer({
    name,
    image: IMAGES.postgres,
    script: ["copy-database.sh"],
    resources,
    env: {
      ...env,
      MAX_COPIES: String(copies.max),
      MAX_DAYS: String(copies.maxDays),
      DATA_VOLUME_BYTES: String(parseQuantity(settings.postgres.dataVolume)),
      DOMAIN: settings.domain,
    },
  });
  const neutralization = odooJobContainer({
    name: "neutralization",
    image: IMAGES.odoo,
    script: ["copy-database.sh", "neutralization"],
    resources,
    env,
  });
  const containers = env.ACTION === "create" ? ([neutralization, main] as const) : ([main] as const);
  return odooJobPod({ name, config, image: IMAGES.postgres, containers });
}

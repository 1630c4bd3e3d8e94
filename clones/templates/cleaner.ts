import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { CLONE_NAMESPACES, CLONE_SECRETS } from "../../constructs/contract";
import { requirements, scratch, secretVariable } from "../../constructs/shared/containers";
import { objectLabels } from "../../constructs/shared/labels";
import { restrictedContainer, restrictedPod } from "../../constructs/shared/security";
import { ACCOUNTS } from "./accounts";

export interface CleanerProps {
  /** Cron line, UTC. */
  readonly schedule: string;
  /** The clone service's image, which the cleaner is part of (decision 17). */
  readonly image: string;
}

/** Node's own user in its official images. */
const NODE = { user: 1000, group: 1000 } as const;

const RESOURCES = { cpuRequest: "50m", cpuLimit: "500m", memoryRequest: "128Mi", memoryLimit: "256Mi" } as const;

/** Longest run, in seconds. What it didn't get to is the next run's, five minutes after its beginning. */
const DEADLINE_SECONDS = 240;

/** A run that couldn't begin in time is left to the next one. */
const STARTING_DEADLINE_SECONDS = 120;

/** Where schemas of ended clones are dropped, as who. */
const { name: SHARED_DATABASE, data: ACCESS } = CLONE_SECRETS.sharedDatabase;

/** Deletes the clones whose time is over, and undoes what KRO can't (CLONE-08). It never overlaps itself. */
export class Cleaner extends Construct {
  constructor(scope: Construct, id: string, props: CleanerProps) {
    super(scope, id);
    const name = ACCOUNTS.cleaner;
    const labels = objectLabels(name);
    new k8s.KubeCronJob(this, "CronJob", {
      metadata: { name, labels },
      spec: {
        schedule: props.schedule,
        timeZone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: STARTING_DEADLINE_SECONDS,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          spec: {
            // The next run is the second attempt.
            backoffLimit: 0,
            activeDeadlineSeconds: DEADLINE_SECONDS,
            template: { metadata: { labels }, spec: podSpec(name, props) },
          },
        },
      },
    });
  }
}

function podSpec(name: string, { image }: CleanerProps): k8s.PodSpec {
  return {
    serviceAccountName: name,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: restrictedPod(NODE),
    containers: [
      {
        name,
        image,
        command: ["node", "cleaner.js", "once"],
        env: [
          { name: "CLONE_NAMESPACES", value: Object.values(CLONE_NAMESPACES).join(",") },
          ...Object.keys(ACCESS).map(sharedDatabaseVariable),
        ],
        resources: requirements(RESOURCES),
        securityContext: restrictedContainer(),
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [scratch("tmp", "16Mi")],
  };
}

function sharedDatabaseVariable(key: string): k8s.EnvVar {
  return secretVariable(`SHARED_DATABASE_${key.toUpperCase()}`, SHARED_DATABASE, key);
}

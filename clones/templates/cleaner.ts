import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { CLONE_NAMESPACES, CLONE_SECRETS } from "../../constructs/contract";
import { requirements, scratch, secretVariable } from "../../constructs/shared/containers";
import { objectLabels } from "../../constructs/shared/labels";
import { restrictedContainer, restrictedPod } from "../../constructs/shared/security";
import { ACCOUNTS, PORTS } from "./accounts";
import { METRICS_PORT, NODE_IDENTITY, probes, processPod, rolling } from "./service/process";

export interface CleanerProps {
  /** Cron line, UTC. */
  readonly schedule: string;
  /** The clone service's image, which the cleaner is part of (decision 17). */
  readonly image: string;
  /** Whether pods of the warm pool are used again. */
  readonly reuseWarmPods: boolean;
  /** Where it ends copies of databases. @default nowhere */
  readonly copies?: readonly k8s.EnvVar[];
}

const RESOURCES = { cpuRequest: "50m", cpuLimit: "500m", memoryRequest: "128Mi", memoryLimit: "256Mi" } as const;

/** Longest run, in seconds. What it didn't get to is the next run's, five minutes after its beginning. */
const DEADLINE_SECONDS = 240;

/** A run that couldn't begin in time is left to the next one. */
const STARTING_DEADLINE_SECONDS = 120;

/** Where schemas of ended clones are dropped, as who. */
const { name: SHARED_DATABASE, data: ACCESS } = CLONE_SECRETS.sharedDatabase;

/** For what it is in the middle of; whatever is cut off is done again. */
const GRACE_SECONDS = 15;

/**
 * Deletes the clones whose time is over, and undoes what KRO can't (CLONE-08). A run every few minutes, which never overlaps
 * itself, is what holds; beside it a watcher does the same on the second, so that whoever deletes a clone can make another
 * one of that customer's at once.
 */
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
            template: { metadata: { labels }, spec: runSpec(name, props) },
          },
        },
      },
    });
    // No disruption budget: a moment without it costs nothing, and the budget would count the runs' pods.
    new k8s.KubeDeployment(this, "Watcher", {
      metadata: { name, labels },
      spec: rolling(name, watcherPod(name, props), 1),
    });
  }
}

function runSpec(name: string, props: CleanerProps): k8s.PodSpec {
  return {
    serviceAccountName: name,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: restrictedPod(NODE_IDENTITY),
    containers: [
      {
        name,
        image: props.image,
        command: ["node", "cleaner.js", "once"],
        env: environment(props),
        resources: requirements(RESOURCES),
        securityContext: restrictedContainer(),
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [scratch("tmp", "16Mi")],
  };
}

function watcherPod(name: string, props: CleanerProps): k8s.PodTemplateSpec {
  return processPod({
    name,
    image: props.image,
    file: "cleaner.js",
    env: [...environment(props), { name: "METRICS_PORT", value: String(PORTS.metrics) }],
    resources: RESOURCES,
    scratch: "16Mi",
    graceSeconds: GRACE_SECONDS,
    container: { command: ["node", "cleaner.js", "watch"], ports: [METRICS_PORT], ...probes("metrics", "/healthz") },
  });
}

function environment({ reuseWarmPods, copies = [] }: CleanerProps): k8s.EnvVar[] {
  return [
    { name: "CLONE_NAMESPACES", value: Object.values(CLONE_NAMESPACES).join(",") },
    ...Object.keys(ACCESS).map(sharedDatabaseVariable),
    { name: "WARM_POOL_REUSE", value: String(reuseWarmPods) },
    ...copies,
  ];
}

function sharedDatabaseVariable(key: string): k8s.EnvVar {
  return secretVariable(`SHARED_DATABASE_${key.toUpperCase()}`, SHARED_DATABASE, key);
}

import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { requirements, scratch } from "../shared/containers";
import { configHash, Files } from "../shared/files";
import { objectLabels } from "../shared/labels";
import { restrictedContainer, restrictedPod } from "../shared/security";
import type { Resources } from "../settings/loomworks";
import { IMAGES } from "../versions";
import { POSTGRES_IDENTITY } from "./postgres";
import { PostgresConfig, SCRIPTS_FOLDER } from "./postgres-config";

/** A script that runs to its end. */
export interface JobPodProps {
  readonly name: string;
  /** Image that it runs in. @default PostgreSQL's, with all its tools */
  readonly image?: string;
  /** File among the scripts. */
  readonly script: string;
  /** What it is called with. @default nothing */
  readonly args?: readonly string[];
  /** ServiceAccount that is there already. @default one of its own, of its name */
  readonly serviceAccount?: string;
  readonly resources: Resources;
  readonly env: readonly k8s.EnvVar[];
  readonly mounts: readonly k8s.VolumeMount[];
  readonly volumes: readonly k8s.Volume[];
}

/** A script of {@link PostgresConfig} that runs on a schedule. */
export interface ScheduledJobProps extends JobPodProps {
  readonly config: PostgresConfig;
  /** Cron line, UTC. */
  readonly schedule: string;
  /** Longest run, in seconds, after which it is ended and counts as failed. */
  readonly deadlineSeconds: number;
}

/** A run that couldn't begin at its time, the cluster being down, may begin this many seconds later. */
const STARTING_DEADLINE_SECONDS = 3600;

/** Further attempts of a run that failed; each starts over. */
const RETRIES = 2;

/** A CronJob that never overlaps itself and keeps its last runs for reading. */
export class ScheduledJob extends Construct {
  constructor(scope: Construct, id: string, props: ScheduledJobProps) {
    super(scope, id);
    const labels = objectLabels(props.name);
    if (props.serviceAccount === undefined) {
      const metadata = { name: props.name, labels };
      new k8s.KubeServiceAccount(this, "ServiceAccount", { metadata, automountServiceAccountToken: false });
    }
    new k8s.KubeCronJob(this, "CronJob", {
      metadata: { name: props.name, labels },
      spec: {
        schedule: props.schedule,
        timeZone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: STARTING_DEADLINE_SECONDS,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          spec: {
            backoffLimit: RETRIES,
            activeDeadlineSeconds: props.deadlineSeconds,
            template: {
              metadata: { labels, annotations: podAnnotations(props) },
              spec: jobPod(props, props.config.jobScripts),
            },
          },
        },
      },
    });
  }
}

function podAnnotations({ config }: ScheduledJobProps): Record<string, string> {
  return { ...configHash(config.jobScripts), "karpenter.sh/do-not-disrupt": "true" };
}

/** The pod of such a script, within the Pod Security level "restricted". */
export function jobPod(props: JobPodProps, scripts: Files): k8s.PodSpec {
  return {
    serviceAccountName: props.serviceAccount ?? props.name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: restrictedPod(POSTGRES_IDENTITY),
    containers: [
      {
        name: props.name,
        image: props.image ?? IMAGES.postgres,
        command: [`${SCRIPTS_FOLDER}/${props.script}`, ...(props.args ?? [])],
        env: [...props.env],
        resources: requirements(props.resources),
        securityContext: restrictedContainer(),
        volumeMounts: [
          { name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
          ...props.mounts,
        ],
      },
    ],
    volumes: [
      { name: "scripts", configMap: { name: scripts.name, defaultMode: 0o555 } },
      scratch("tmp", "256Mi"),
      ...props.volumes,
    ],
  };
}

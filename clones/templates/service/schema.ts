import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { ClonesSettings, serviceImage } from "../../../constructs/settings";
import { requirements, scratch } from "../../../constructs/shared/containers";
import { hashOf } from "../../../constructs/shared/files";
import { objectLabels } from "../../../constructs/shared/labels";
import { restrictedContainer, restrictedPod } from "../../../constructs/shared/security";
import { POWERLESS } from "../accounts";
import { schemaEnvironment } from "./environment";
import { NODE_IDENTITY } from "./process";

const NAME = POWERLESS.schema;

const RESOURCES = { cpuRequest: "50m", cpuLimit: "500m", memoryRequest: "128Mi", memoryLimit: "256Mi" } as const;

/** Tries, with Kubernetes' growing pauses between them: about ten minutes of a database that is away. */
const TRIES = 6;

/** A migration of a table this small takes seconds; what lasts longer waits for a lock that somebody holds. */
const DEADLINE_SECONDS = 1800;

/** A day: long enough to read the log of one that failed, and the alert has seen it. */
const KEPT_SECONDS = 86_400;

/**
 * Brings the jobs table to the form that this version of the service needs, and its user to the password of the Secret. It
 * runs before the processes that need it are rolled (infra/waves.ts), and is safe to run twice.
 *
 * A Job can't be changed, so its name has a hash of its pod: a new image, which alone brings new migrations, makes a new Job.
 */
export class SchemaJob extends Construct {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    const spec = podSpec(serviceImage(settings));
    new k8s.KubeJob(this, "Job", {
      metadata: { name: `${NAME}-${hashOf(spec)}`, labels: objectLabels(NAME) },
      spec: {
        backoffLimit: TRIES - 1,
        activeDeadlineSeconds: DEADLINE_SECONDS,
        ttlSecondsAfterFinished: KEPT_SECONDS,
        template: { metadata: { labels: objectLabels(NAME) }, spec },
      },
    });
  }
}

function podSpec(image: string): k8s.PodSpec {
  return {
    serviceAccountName: NAME,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "Never",
    securityContext: restrictedPod(NODE_IDENTITY),
    containers: [
      {
        name: NAME,
        image,
        command: ["node", "migrate.js"],
        env: schemaEnvironment(),
        resources: requirements(RESOURCES),
        securityContext: restrictedContainer(),
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [scratch("tmp", "16Mi")],
  };
}

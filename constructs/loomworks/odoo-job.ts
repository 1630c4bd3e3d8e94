/** Pods of Odoo that run to their end: a migration, a copy. */
import { k8s } from "cdk8s-plus-28";
import { LOOMWORKS_SECRETS } from "../contract";
import { noRetryAfter, requirements, scratch } from "../shared/containers";
import { configHash, Files } from "../shared/files";
import { objectLabels } from "../shared/labels";
import { restrictedContainer, restrictedPod } from "../shared/security";
import type { Resources } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { IMAGES } from "../versions";
import { AUTHORITY_MOUNT, authorityVolume, awaitDatabase, connectionAs } from "./database-connection";
import { CONF_FILE, CONF_MOUNT, confContainers, confVolume } from "./odoo-conf-file";
import type { OdooConfig } from "./odoo-config";
import { ODOO, ODOO_IDENTITY } from "./odoo-pod";
import { SCRIPTS_FOLDER } from "./postgres-config";
import { claimed } from "./volumes";

/** Where the containers of such a pod leave each other word. */
const WORK_FOLDER = "/work";

export const WORK_MOUNT: k8s.VolumeMount = { name: "work", mountPath: WORK_FOLDER };

/** Exit code by which a script says that trying again helps nobody. */
const REFUSED = 2;

/** For a Job's `podFailurePolicy`: what a script refuses isn't tried again. */
export const NO_RETRY_OF_REFUSALS = noRetryAfter(REFUSED);

export interface OdooJobContainerProps {
  readonly name: string;
  readonly image: string;
  /** Script among the job scripts of {@link OdooConfig}, and what it is called with. */
  readonly script: readonly [name: string, ...args: string[]];
  readonly resources: Resources;
  readonly env: Readonly<Record<string, string>>;
}

/** A container that reaches PostgreSQL as Odoo does, with Odoo's files, and in its image with its configuration. */
export function odooJobContainer({ name, image, script, resources, env }: OdooJobContainerProps): k8s.Container {
  const [file, ...args] = script;
  return {
    name,
    image,
    command: [`${SCRIPTS_FOLDER}/${file}`, ...args],
    env: [
      ...connectionAs(LOOMWORKS_SECRETS.odoo),
      ...Object.entries({ ODOO_CONF: CONF_FILE, HOME: "/tmp", USER: "odoo", ...env }).map(([key, value]) => ({
        name: key,
        value,
      })),
    ],
    resources: requirements(resources),
    securityContext: restrictedContainer(),
    volumeMounts: [
      { name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true },
      { name: "filestore", mountPath: ODOO.dataFolder },
      ...(readsConf({ image }) ? [CONF_MOUNT] : []),
      { name: "tmp", mountPath: "/tmp" },
      AUTHORITY_MOUNT,
      WORK_MOUNT,
    ],
  };
}

/** Odoo alone: its configuration has the master password. */
function readsConf({ image }: Pick<k8s.Container, "image">): boolean {
  return image === IMAGES.odoo;
}

export interface OdooJobPodProps {
  /** Name of its ServiceAccount, and what policies know it by. */
  readonly name: string;
  readonly config: OdooConfig;
  /** Of other charts' scripts that its containers run: another one makes another pod. @default none */
  readonly scripts?: readonly Files[];
  /** Image that waits for PostgreSQL. */
  readonly image: string;
  /** One after the other; the last is the container proper. */
  readonly containers: readonly [...before: k8s.Container[], last: k8s.Container];
  /** Beside Odoo's own. @default none */
  readonly volumes?: readonly k8s.Volume[];
  /** @default as Odoo's pods */
  readonly securityContext?: k8s.PodSecurityContext;
}

export function odooJobPod(props: OdooJobPodProps): k8s.PodTemplateSpec {
  const { name, config, image, containers, scripts = [], volumes = [] } = props;
  return {
    metadata: {
      labels: objectLabels(name),
      annotations: {
        ...configHash(config.environment, config.jobScripts, ...scripts),
        // A run that is moved begins anew.
        "karpenter.sh/do-not-disrupt": "true",
      },
    },
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: "Never",
      securityContext: props.securityContext ?? restrictedPod(ODOO_IDENTITY),
      initContainers: [
        ...(containers.some(readsConf) ? confContainers(config) : []),
        awaitDatabase(image, LOOMWORKS_SECRETS.odoo),
        ...containers.slice(0, -1),
      ],
      containers: containers.slice(-1),
      volumes: [
        { name: "scripts", configMap: { name: config.jobScripts.name, defaultMode: 0o555 } },
        claimed("filestore", CLAIMS.filestore),
        ...(containers.some(readsConf) ? [confVolume()] : []),
        scratch("tmp", "1Gi"),
        scratch(WORK_MOUNT.name, "64Mi"),
        authorityVolume(),
        ...volumes,
      ],
    },
  };
}

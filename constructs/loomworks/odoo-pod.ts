/** What the pods for requests and the pods for scheduled actions have in common. */
import { k8s } from "cdk8s-plus-28";
import { LOOMWORKS_SECRETS } from "../contract";
import { requirements, scratch } from "../shared/containers";
import { configHash } from "../shared/files";
import { objectLabels } from "../shared/labels";
import { Identity, restrictedContainer, restrictedPod } from "../shared/security";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { IMAGES } from "../versions";
import { AUTHORITY_MOUNT, authorityVolume, awaitDatabase, connectionAs, credentialsOf } from "./database-connection";
import { CONF_FILE, CONF_MOUNT, confContainers, confVolume } from "./odoo-conf-file";
import type { OdooConfig } from "./odoo-config";
import { SCRIPTS_FOLDER } from "./postgres-config";
import { claimed } from "./volumes";

export const ODOO = {
  name: "odoo",
  cronName: "odoo-cron",
  httpPort: 8069,
  websocketPort: 8072,
  metricsPort: 9188,
  dataFolder: "/var/lib/odoo",
} as const;

/** A user of our own: the image's one differs from release to release, and nothing that Odoo writes lies in the image. */
export const ODOO_IDENTITY: Identity = { user: 10001, group: 10001 };

/** Name of the container with Odoo itself. */
const SERVER = "odoo";

/** What the databases have to be brought to before pods serve them. The image alone decides it: add-ons are part of it. */
export const RELEASE = IMAGES.odoo;

export interface OdooPodProps {
  readonly name: string;
  readonly config: OdooConfig;
  readonly settings: LoomworksSettings["odoo"];
  /** What the container is for, beside what it is. */
  readonly container: Partial<k8s.Container>;
  /** Further command line arguments. */
  readonly args?: readonly string[];
  readonly sidecars?: readonly k8s.Container[];
  readonly terminationGracePeriodSeconds: number;
  readonly topologySpreadConstraints?: k8s.TopologySpreadConstraint[];
}

export function odooPod(props: OdooPodProps): k8s.PodTemplateSpec {
  return {
    metadata: {
      labels: objectLabels(props.name),
      annotations: configHash(props.config.environment, props.config.scripts),
    },
    spec: {
      serviceAccountName: props.name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: restrictedPod(ODOO_IDENTITY),
      terminationGracePeriodSeconds: props.terminationGracePeriodSeconds,
      topologySpreadConstraints: props.topologySpreadConstraints,
      initContainers: [
        ...confContainers(props.config, SERVER),
        awaitDatabase(IMAGES.odoo, LOOMWORKS_SECRETS.odoo),
        awaitReleaseContainer(),
      ],
      containers: [odooContainer(props), ...(props.sidecars ?? [])],
      volumes: [
        claimed("filestore", CLAIMS.filestore),
        { name: "scripts", configMap: { name: props.config.scripts.name, defaultMode: 0o555 } },
        confVolume(),
        scratch("tmp", "1Gi"),
        authorityVolume(),
      ],
    },
  };
}

/**
 * The exporter of `odoo-exporter.py`, in the image that has Python already. It holds a session with the pod's credentials,
 * by which PostgreSQL's pod sees that they are in use, however idle Odoo is.
 */
export function odooExporter(): k8s.Container {
  const port = k8s.IntOrString.fromString("metrics");
  return {
    name: "exporter",
    image: IMAGES.odoo,
    command: ["python3", `${SCRIPTS_FOLDER}/odoo-exporter.py`],
    env: [{ name: "EXPORTER_PORT", value: String(ODOO.metricsPort) }, ...connectionAs(LOOMWORKS_SECRETS.odoo)],
    ports: [{ name: "metrics", containerPort: ODOO.metricsPort }],
    resources: requirements(HELPERS.sidecar),
    securityContext: restrictedContainer(),
    // The port alone: whether Odoo is well is a metric, and no reason to restart the one who tells.
    livenessProbe: { tcpSocket: { port }, periodSeconds: 30 },
    volumeMounts: [{ name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true }, AUTHORITY_MOUNT],
  };
}

/** Annotation that has Reloader roll the pods when somebody else than the stack changes their Secrets (decision 23). */
export function reloadOnRotation(): Record<string, string> {
  const secrets = [LOOMWORKS_SECRETS.odoo.name, LOOMWORKS_SECRETS.admin.name].join(",");
  return { "secret.reloader.stakater.com/reload": secrets };
}

/** Holds the pod back until the migration to its release has ended well, whoever applied the manifests in whatever order. */
function awaitReleaseContainer(): k8s.Container {
  return {
    name: "await-release",
    image: IMAGES.odoo,
    command: [`${SCRIPTS_FOLDER}/await-release.sh`],
    env: [{ name: "RELEASE", value: RELEASE }, ...connectionAs(LOOMWORKS_SECRETS.odoo)],
    resources: requirements(HELPERS.sidecar),
    securityContext: restrictedContainer(),
    volumeMounts: [{ name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true }, AUTHORITY_MOUNT],
  };
}

function odooContainer({ config, settings, container, args = [] }: OdooPodProps): k8s.Container {
  return {
    name: SERVER,
    image: IMAGES.odoo,
    // Past the image's entrypoint, which would put the database password onto the command line.
    command: ["odoo", "--config", CONF_FILE, ...args],
    envFrom: [{ configMapRef: { name: config.environment.name } }],
    env: [
      ...credentialsOf(LOOMWORKS_SECRETS.odoo),
      // The user has no entry in the image's passwd file: who asks for name and home finds them here.
      { name: "USER", value: "odoo" },
      { name: "HOME", value: "/tmp" },
    ],
    resources: requirements(settings.resources),
    securityContext: restrictedContainer(),
    volumeMounts: [
      { name: "filestore", mountPath: ODOO.dataFolder },
      CONF_MOUNT,
      AUTHORITY_MOUNT,
      { name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
    ...container,
  };
}

/** What the pods for requests and the pods for scheduled actions have in common. */
import { k8s } from "cdk8s-plus-28";
import { LOOMWORKS_SECRETS } from "../contract";
import { requirements, scratch, secretVariable } from "../shared/containers";
import { configHash } from "../shared/files";
import { objectLabels } from "../shared/labels";
import { Identity, restrictedContainer, restrictedPod } from "../shared/security";
import { HELPERS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";
import { IMAGES } from "../versions";
import type { OdooConfig } from "./odoo-config";
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
const ODOO_IDENTITY: Identity = { user: 10001, group: 10001 };

const CONF_FOLDER = "/etc/odoo-rendered";
const SCRIPTS_FOLDER = "/scripts";

/** The file that Odoo reads, rendered at each start. */
const CONF_FILE = `${CONF_FOLDER}/odoo.conf`;

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
      initContainers: [renderContainer(props.config)],
      containers: [odooContainer(props), ...(props.sidecars ?? [])],
      volumes: [
        claimed("filestore", CLAIMS.filestore),
        { name: "scripts", configMap: { name: props.config.scripts.name, defaultMode: 0o555 } },
        // In memory, because it holds the master password.
        scratch("conf", "1Mi", "Memory"),
        scratch("tmp", "1Gi"),
      ],
    },
  };
}

/** The exporter of `odoo-exporter.py`, in the image that has Python already. */
export function odooExporter(): k8s.Container {
  const port = k8s.IntOrString.fromString("metrics");
  return {
    name: "exporter",
    image: IMAGES.odoo,
    command: ["python3", `${SCRIPTS_FOLDER}/odoo-exporter.py`],
    env: [{ name: "EXPORTER_PORT", value: String(ODOO.metricsPort) }],
    ports: [{ name: "metrics", containerPort: ODOO.metricsPort }],
    resources: requirements(HELPERS.sidecar),
    securityContext: restrictedContainer(),
    // The port alone: whether Odoo is well is a metric, and no reason to restart the one who tells.
    livenessProbe: { tcpSocket: { port }, periodSeconds: 30 },
    volumeMounts: [{ name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true }],
  };
}

/** Annotation that has Reloader roll the pods when somebody else than the stack changes their Secrets (decision 23). */
export function reloadOnRotation(): Record<string, string> {
  const secrets = [LOOMWORKS_SECRETS.odoo.name, LOOMWORKS_SECRETS.admin.name].join(",");
  return { "secret.reloader.stakater.com/reload": secrets };
}

function renderContainer(config: OdooConfig): k8s.Container {
  return {
    name: "render-conf",
    image: IMAGES.odoo,
    command: [`${SCRIPTS_FOLDER}/render-odoo-conf.sh`, CONF_FILE],
    envFrom: [{ configMapRef: { name: config.environment.name } }],
    env: [secretVariable("ODOO_CONF_ADMIN_PASSWD", LOOMWORKS_SECRETS.admin.name, "password")],
    resources: requirements(HELPERS.sidecar),
    securityContext: restrictedContainer(),
    volumeMounts: [
      { name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true },
      { name: "conf", mountPath: CONF_FOLDER },
    ],
  };
}

function odooContainer({ config, settings, container, args = [] }: OdooPodProps): k8s.Container {
  return {
    name: "odoo",
    image: IMAGES.odoo,
    // Past the image's entrypoint, which would put the database password onto the command line.
    command: ["odoo", "--config", CONF_FILE, ...args],
    envFrom: [{ configMapRef: { name: config.environment.name } }],
    env: [
      secretVariable("PGUSER", LOOMWORKS_SECRETS.odoo.name, "username"),
      secretVariable("PGPASSWORD", LOOMWORKS_SECRETS.odoo.name, "password"),
      // The user has no entry in the image's passwd file: who asks for name and home finds them here.
      { name: "USER", value: "odoo" },
      { name: "HOME", value: "/tmp" },
    ],
    resources: requirements(settings.resources),
    securityContext: restrictedContainer(),
    volumeMounts: [
      { name: "filestore", mountPath: ODOO.dataFolder },
      { name: "conf", mountPath: CONF_FOLDER, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
    ...container,
  };
}

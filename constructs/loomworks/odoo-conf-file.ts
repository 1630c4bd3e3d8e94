/** The file that Odoo reads, made anew at each start of a pod. */
import type { k8s } from "cdk8s-plus-28";
import { LOOMWORKS_SECRETS } from "../contract";
import { requirements, scratch, secretVariable } from "../shared/containers";
import { restrictedContainer } from "../shared/security";
import { HELPERS } from "../settings/footprint";
import { IMAGES } from "../versions";
import type { OdooConfig } from "./odoo-config";
import { SCRIPTS_FOLDER } from "./postgres-config";

const CONF_FOLDER = "/etc/odoo-rendered";

/** What Odoo's `--config` names. */
export const CONF_FILE = `${CONF_FOLDER}/odoo.conf`;

/** For each container that reads the file. */
export const CONF_MOUNT: k8s.VolumeMount = { name: "conf", mountPath: CONF_FOLDER, readOnly: true };

/** In memory, because it holds the master password. */
export function confVolume(): k8s.Volume {
  return scratch(CONF_MOUNT.name, "1Mi", "Memory");
}

/**
 * Init containers that write the file, and end the pod's start with a message if Odoo couldn't, or shouldn't, run with it. The
 * pod has its scripts in a volume named `scripts`.
 *
 * @param server container whose memory all processes of the file have to fit into; a job runs without their limits
 */
export function confContainers(config: OdooConfig, server?: string): k8s.Container[] {
  const container = (name: string, command: readonly string[], readOnly?: true): k8s.Container => ({
    name,
    image: IMAGES.odoo,
    command: [...command, CONF_FILE],
    resources: requirements(HELPERS.sidecar),
    securityContext: restrictedContainer(),
    // What it said is in the pod's status, too: people look there first.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true },
      { ...CONF_MOUNT, readOnly },
    ],
  });
  return [
    {
      ...container("render-conf", [`${SCRIPTS_FOLDER}/render-odoo-conf.sh`]),
      envFrom: [{ configMapRef: { name: config.environment.name } }],
      env: [secretVariable("ODOO_CONF_ADMIN_PASSWD", LOOMWORKS_SECRETS.admin.name, "password")],
    },
    {
      ...container("check-conf", ["python3", `${SCRIPTS_FOLDER}/check-odoo-conf.py`], true),
      env: server === undefined ? undefined : [memoryOf(server)],
    },
  ];
}

function memoryOf(containerName: string): k8s.EnvVar {
  const resourceFieldRef = { containerName, resource: "limits.memory" };
  return { name: "ODOO_MEMORY_LIMIT", valueFrom: { resourceFieldRef } };
}

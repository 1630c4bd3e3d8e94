/** A cluster in which OdooCopies live: KRO with its own rights, the kind, and what the installation has for its pods. */
import { App } from "cdk8s";
import { createCloneCharts } from "../../clones/templates/clones";
import { OdooCopyChart } from "../../clones/templates/odoo-copy/chart";
import { CLONE_SERVICE_NAMESPACE, COPY_LABELS, COPY_RESOURCE } from "../../constructs/contract";
import { LoomworksChart } from "../../constructs/loomworks/chart";
import { ODOO_COPY } from "../../constructs/loomworks/odoo-copy";
import { parseSettings } from "../../constructs/settings";
import { Cluster, ClusterClient, eventually, KubeObject } from "../cluster";
import { BoundKro, startBoundKro } from "./bound-kro";
import { installGraph } from "./clone-cluster";
import { PLENTY } from "./loomworks";

export const LOOMWORKS = "loomworks";

/** Most copies at once, of all tenants. */
export const MOST = 3;

function copySettings() {
  return parseSettings({
    loomworks: { odoo: { copies: { max: MOST } }, quota: PLENTY },
    clones: { service: { copies: { enabled: true } } },
  });
}

/** The manifests of the kind and its surroundings. */
export function copyManifests(): KubeObject[] {
  const { loomworks } = copySettings();
  const app = new App();
  const { odooConfig } = new LoomworksChart(app, "loomworks", loomworks);
  return new OdooCopyChart(app, "odoo-copy", loomworks, odooConfig).toJson() as KubeObject[];
}

/** Returns when copies can be asked for. */
export async function installCopies(cluster: Cluster): Promise<BoundKro> {
  await cluster.kill("kro");
  const app = new App();
  createCloneCharts(app, copySettings().clones);
  const services = app.charts.flatMap((chart) => chart.toJson() as KubeObject[]);
  await cluster.apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: LOOMWORKS } },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: CLONE_SERVICE_NAMESPACE } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: ODOO_COPY, namespace: LOOMWORKS } },
    ...services.filter(
      ({ kind, metadata }) => kind === "ServiceAccount" && metadata.namespace === CLONE_SERVICE_NAMESPACE,
    ),
  ]);
  const manifests = copyManifests();
  const isGraph = ({ kind }: KubeObject) => kind === "ResourceGraphDefinition";
  await cluster.apply(manifests.filter(({ kind }) => kind === "ClusterRole"));
  const kro = await startBoundKro(cluster);
  await installGraph(cluster, manifests.filter(isGraph), COPY_RESOURCE);
  await cluster.apply(manifests.filter((manifest) => !isGraph(manifest)));
  return kro;
}

/** What Kubernetes' quota controller would say with no copy there, which no test cluster runs: admission counts on from it. */
export async function resetQuota({ client }: Cluster): Promise<void> {
  const quota = copyManifests().find(({ kind }) => kind === "ResourceQuota")!;
  const { hard } = (await client.get(quota)).spec;
  const used = Object.fromEntries(Object.keys(hard as object).map((name) => [name, "0"]));
  await client.merge(quota, { status: { hard, used } }, "status");
}

let count = 0;

/** A copy as a worker asks for it. */
export function copyObject(
  spec: object = {},
  name = `copy-${(count += 1).toString(16).padStart(24, "0")}`,
): KubeObject {
  const { group, version, kind } = COPY_RESOURCE;
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name, namespace: LOOMWORKS, labels: { [COPY_LABELS.tenant]: "acme" } },
    spec: { source: "acme", expiresAt: new Date(Date.now() + 3_600_000).toISOString(), ...spec },
  };
}

/** The copy's Job that does this. */
export function jobOf({ metadata: { name, namespace } }: KubeObject, action: "create" | "remove"): KubeObject {
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name: `${name}-${action}`, namespace } };
}

/** Has the Job's pod end, as the kubelet would tell of it; Kubernetes' own controller ends the Job. */
export async function endPodOf(client: ClusterClient, job: KubeObject, exitCode: number, message = ""): Promise<void> {
  const pod = await eventually(
    async () => {
      const pods = await client.list("v1", "Pod", LOOMWORKS);
      const isOpen = ({ status }: KubeObject) => status?.phase === "Pending";
      return pods.find((one) => one.metadata.labels?.["job-name"] === job.metadata.name && isOpen(one));
    },
    { what: `a pod of ${job.metadata.name}`, timeoutMs: 60_000 },
  );
  const now = new Date().toISOString();
  const terminated = { exitCode, message, startedAt: now, finishedAt: now };
  const state = { name: ODOO_COPY, image: "x", imageID: "x", ready: false, restartCount: 0, state: { terminated } };
  const status = { phase: exitCode === 0 ? "Succeeded" : "Failed", containerStatuses: [state] };
  await client.merge(pod, { status }, "status");
}

/** A restore into the server's own place: what has to be down before, and what comes up after. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject, V1StatefulSet } from "@kubernetes/client-node";
import { ODOO } from "../loomworks/odoo-pod";
import { POSTGRES } from "../loomworks/postgres";
import { InvalidInputError } from "../shared/problems";
import type { Reference, RestoreCluster } from "./cluster";

const deployment = (namespace: string, name: string): Reference => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace, name },
});

const server = (namespace: string): Reference => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { namespace, name: POSTGRES.name },
});

/** Annotation by which Argo CD knows what it made: `APPLICATION:group/kind:namespace/name`. */
const TRACKING = "argocd.argoproj.io/tracking-id";

export interface Patience {
  /** Pause between two looks, in milliseconds. @default 2000 */
  readonly intervalMs?: number;
  /** Longest wait, in milliseconds. @default fifteen minutes: Odoo's longest request, and PostgreSQL's last checkpoint */
  readonly timeoutMs?: number;
}

/**
 * Refuses what would start the server again in the middle of the restore.
 *
 * @throws {InvalidInputError} if there is no server, or if Argo CD puts it back by itself
 */
export async function assertCanStop(cluster: RestoreCluster, namespace: string): Promise<void> {
  const found = await cluster.find<V1StatefulSet>(server(namespace));
  if (found === undefined) {
    throw problem("POSTGRES_RESTORE_MISSING", namespace, "there is no StatefulSet postgres", "Apply the stack first");
  }
  const [application] = (found.metadata?.annotations?.[TRACKING] ?? "").split(":");
  if (application === undefined || application === "") return;
  const metadata = { namespace: "argocd", name: application };
  const delivered = await cluster.find<KubernetesObject & { spec?: { syncPolicy?: { automated?: unknown } } }>({
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata,
  });
  if (delivered?.spec?.syncPolicy?.automated === undefined) return;
  const remedy = `Take spec.syncPolicy.automated off the Application ${application}, and put it back after the restore`;
  throw problem("POSTGRES_RESTORE_DELIVERED", namespace, "Argo CD would start the server in the middle of it", remedy);
}

/** Stops Odoo first, so that it finishes its requests, then PostgreSQL, which archives its last WAL. */
export async function stopInstallation(cluster: RestoreCluster, namespace: string, patience: Patience): Promise<void> {
  // At 0 replicas the autoscaler rests.
  for (const name of [ODOO.name, ODOO.cronName]) await scaleIfThere(cluster, deployment(namespace, name));
  await awaitNoPods(cluster, namespace, [ODOO.name, ODOO.cronName], patience);
  await scaleIfThere(cluster, server(namespace));
  await awaitNoPods(cluster, namespace, [POSTGRES.name], patience);
}

/**
 * @returns once it takes connections
 * @throws {InvalidInputError} if it doesn't in time
 */
export async function startServer(cluster: RestoreCluster, namespace: string, patience: Patience): Promise<void> {
  await cluster.scale(server(namespace), 1);
  const isReady = async () => (await cluster.find<V1StatefulSet>(server(namespace)))?.status?.readyReplicas === 1;
  await until(isReady, patience, () =>
    problem(
      "POSTGRES_RESTORE_WAIT",
      namespace,
      "the restored server takes no connections yet",
      "Look at the log of postgres-0",
    ),
  );
}

async function scaleIfThere(cluster: RestoreCluster, reference: Reference): Promise<void> {
  if ((await cluster.find(reference)) !== undefined) await cluster.scale(reference, 0);
}

async function awaitNoPods(
  cluster: RestoreCluster,
  namespace: string,
  names: readonly string[],
  patience: Patience,
): Promise<void> {
  const selector = `app.kubernetes.io/name in (${names.join(",")})`;
  const areGone = async () => (await cluster.pods(namespace, selector)).length === 0;
  await until(areGone, patience, () =>
    problem(
      "POSTGRES_RESTORE_WAIT",
      namespace,
      `pods of ${names.join(" and ")} don't end; nothing was restored`,
      "Look at what they wait for, and run the same command again",
    ),
  );
}

async function until(
  holds: () => Promise<boolean>,
  { intervalMs = 2000, timeoutMs = 15 * 60_000 }: Patience,
  tooLate: () => Error,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > end) throw tooLate();
    await sleep(intervalMs);
  }
}

function problem(code: string, namespace: string, reason: string, remedy: string): InvalidInputError {
  return new InvalidInputError([{ code, path: "namespace", value: namespace, reason, remedy }]);
}

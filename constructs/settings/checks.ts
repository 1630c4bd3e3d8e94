/** What a field can't know by itself: settings that contradict each other. */
import type { Problem } from "../shared/problems";
import { formatBytes, formatCpu, parseQuantity } from "../shared/quantity";
import { footprint, peakConnections } from "./footprint";
import type { LoomworksSettings } from "./loomworks";

/** Least memory per Odoo process at which reports and imports still work (Odoo's deployment guide: 150 MB light, 1 GB heavy). */
const LEAST_WORKER_MEMORY = "640Mi";

/** Every contradiction in `settings`; `path` is where they stand. */
export function contradictions(settings: LoomworksSettings, path: string): Problem[] {
  return [
    ...requestsAboveLimits(settings, path),
    ...replicasTheWrongWayRound(settings, path),
    ...workersWithoutMemory(settings, path),
    ...tooFewConnections(settings, path),
    ...quotaTooSmall(settings, path),
  ];
}

function requestsAboveLimits({ postgres, odoo }: LoomworksSettings, path: string): Problem[] {
  return Object.entries({ postgres: postgres.resources, odoo: odoo.resources }).flatMap(([name, resources]) =>
    (["cpu", "memory"] as const)
      .filter((kind) => parseQuantity(resources[`${kind}Request`]) > parseQuantity(resources[`${kind}Limit`]))
      .map((kind) => ({
        code: "SETTING_REQUEST_ABOVE_LIMIT",
        path: `${path}.${name}.resources.${kind}Request`,
        value: resources[`${kind}Request`],
        reason: `it is above ${kind}Limit (${resources[`${kind}Limit`]})`,
        remedy: `Lower it, or raise ${kind}Limit`,
      })),
  );
}

function replicasTheWrongWayRound({ odoo }: LoomworksSettings, path: string): Problem[] {
  if (odoo.maxReplicas >= odoo.minReplicas) return [];
  return [
    {
      code: "ODOO_MAX_REPLICAS",
      path: `${path}.odoo.maxReplicas`,
      value: odoo.maxReplicas,
      reason: `it is below minReplicas (${odoo.minReplicas})`,
      remedy: "Raise it, or lower minReplicas",
    },
  ];
}

function workersWithoutMemory({ odoo }: LoomworksSettings, path: string): Problem[] {
  // The websocket process is one more than the workers.
  const share = parseQuantity(odoo.resources.memoryLimit) / (odoo.workers + 1);
  if (share >= parseQuantity(LEAST_WORKER_MEMORY)) return [];
  return [
    {
      code: "ODOO_WORKER_MEMORY",
      path: `${path}.odoo.workers`,
      value: odoo.workers,
      reason: `memoryLimit (${odoo.resources.memoryLimit}) leaves each of them less than ${LEAST_WORKER_MEMORY}`,
      remedy: "Lower it, or raise odoo.resources.memoryLimit",
    },
  ];
}

function tooFewConnections(settings: LoomworksSettings, path: string): Problem[] {
  const { maxConnections } = settings.postgres;
  const peak = peakConnections(settings);
  if (maxConnections >= peak) return [];
  return [
    {
      code: "POSTGRES_CONNECTIONS",
      path: `${path}.postgres.maxConnections`,
      value: maxConnections,
      reason: `Odoo's processes can hold ${peak} at maxReplicas and workers as they are`,
      remedy: `Give ${peak} or more, or lower odoo.maxReplicas or odoo.workers`,
    },
  ];
}

function quotaTooSmall({ quota, ...settings }: LoomworksSettings, path: string): Problem[] {
  const need = footprint(settings);
  const rows = [
    ["cpuRequests", formatCpu],
    ["cpuLimits", formatCpu],
    ["memoryRequests", formatBytes],
    ["memoryLimits", formatBytes],
    ["storage", formatBytes],
    ["pods", String],
  ] as const;
  return rows
    .filter(([key]) => (key === "pods" ? quota.pods : parseQuantity(quota[key])) < need[key])
    .map(([key, format]) => ({
      code: "QUOTA_TOO_SMALL",
      path: `${path}.quota.${key}`,
      value: quota[key],
      reason: `the pods and volumes of this installation can ask for ${format(need[key])}`,
      remedy: `Give ${format(need[key])} or more, or lower replicas and sizes`,
    }));
}

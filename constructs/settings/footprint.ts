/** What an installation asks of its namespace at its largest: the figures that its quota must cover. */
import { parseQuantity } from "../shared/quantity";
import type { LoomworksSettings, Resources } from "./loomworks";

/** Resources of the containers whose size is no setting, since it doesn't grow with the company. */
export const HELPERS = {
  /** The exporters of PostgreSQL, of Odoo and of backups, the roles keeper. */
  sidecar: { cpuRequest: "20m", cpuLimit: "200m", memoryRequest: "48Mi", memoryLimit: "128Mi" },
  /** Base backup: reads, hashes and compresses the whole database. */
  backup: { cpuRequest: "250m", cpuLimit: "2000m", memoryRequest: "512Mi", memoryLimit: "2Gi" },
  /** A copy to the bucket: four files at once, each with the parts that are under way. */
  offsite: { cpuRequest: "100m", cpuLimit: "1000m", memoryRequest: "128Mi", memoryLimit: "1Gi" },
  /** Migration: one Odoo that loads all modules. */
  migration: { cpuRequest: "500m", cpuLimit: "2000m", memoryRequest: "1Gi", memoryLimit: "4Gi" },
  /** A copy of a database: dump and restore, and Odoo itself for a moment. */
  copy: { cpuRequest: "100m", cpuLimit: "1000m", memoryRequest: "256Mi", memoryLimit: "1Gi" },
  /** Drill: a PostgreSQL of its own over the restored files. */
  drill: { cpuRequest: "250m", cpuLimit: "2000m", memoryRequest: "1Gi", memoryLimit: "4Gi" },
  /** Restore by hand: recovers, and serves what it recovered. */
  restore: { cpuRequest: "250m", cpuLimit: "2000m", memoryRequest: "1Gi", memoryLimit: "4Gi" },
} as const satisfies Record<string, Resources>;

export interface Footprint {
  /** Cores. */
  readonly cpuRequests: number;
  /** Cores. */
  readonly cpuLimits: number;
  /** Bytes. */
  readonly memoryRequests: number;
  /** Bytes. */
  readonly memoryLimits: number;
  /** Bytes of all volume claims, the drill's throw-away one and that of one restored copy included. */
  readonly storage: number;
  readonly pods: number;
}

/** Copies to the bucket that may run at once: WAL, backups, attachments. */
const OFFSITE_PARTS = 3;

/** Pods of copies at once: one at work, one that waits for it, and the sweep. */
const COPY_PODS = 3;

/** A rollout brings one pod more than the replicas. */
const SURGE = 1;

/** The footprint at the largest number of replicas, in the middle of a rollout, with backup, copies and drill running, and one restored copy. */
export function footprint(settings: Omit<LoomworksSettings, "quota">): Footprint {
  const { postgres, odoo, backup, drill } = settings;
  const pods: readonly (readonly [number, readonly Resources[]])[] = [
    [1, [postgres.resources, HELPERS.sidecar, HELPERS.sidecar]],
    [odoo.maxReplicas + SURGE, [odoo.resources, HELPERS.sidecar]],
    [1 + SURGE, [odoo.resources]],
    [1, [HELPERS.backup]],
    [1, [HELPERS.sidecar]],
    [backup.offsite.enabled ? OFFSITE_PARTS : 0, [HELPERS.offsite]],
    [1, [HELPERS.drill]],
    [1, [HELPERS.migration]],
    [COPY_PODS, [HELPERS.copy]],
    [1, [HELPERS.restore]],
  ];
  const total = (key: keyof Resources) =>
    sum(pods.map(([count, containers]) => count * sum(containers.map((container) => parseQuantity(container[key])))));
  const volumes = [
    postgres.dataVolume,
    postgres.dataVolume,
    postgres.walVolume,
    odoo.filestoreVolume,
    backup.volume,
    drill.scratchVolume,
  ];
  return {
    cpuRequests: total("cpuRequest"),
    cpuLimits: total("cpuLimit"),
    memoryRequests: total("memoryRequest"),
    memoryLimits: total("memoryLimit"),
    storage: sum(volumes.map(parseQuantity)),
    pods: sum(pods.map(([count]) => count)),
  };
}

/** Largest number of connections that Odoo's processes and the helpers can hold at once. */
export function peakConnections({ odoo }: Pick<LoomworksSettings, "odoo">): number {
  const web =
    (odoo.maxReplicas + SURGE) * (odoo.workers * CONNECTIONS.worker + CONNECTIONS.websocket + CONNECTIONS.exporter);
  const cron = (1 + SURGE) * odoo.cronThreads * CONNECTIONS.worker;
  return web + cron + CONNECTIONS.reserved;
}

/**
 * Connections a process may hold (Odoo's db_maxconn and db_maxconn_gevent), the session of a replica's exporter, and what backup,
 * PostgreSQL's exporter and people get.
 */
export const CONNECTIONS = { worker: 4, websocket: 16, exporter: 1, reserved: 20 } as const;

function sum(values: readonly number[]): number {
  // Thousandths of cores are added as binary fractions: the rounding keeps 0.1 + 0.2 from passing 0.3.
  return Math.round(values.reduce((total, value) => total + value, 0) * 1000) / 1000;
}

/** Clones at once on the test control plane with a real KRO: how fast they come, and what that costs the API server. */
import { readFileSync } from "node:fs";
import { CLONE_LABELS } from "../../constructs/contract";
import { isReady } from "../../clones/domain/clone";
import { systemClock } from "../../clones/provisioner/clock";
import { Kube } from "../../clones/provisioner/kube";
import { CloneEvent, watchClones } from "../../clones/provisioner/watch";
import { Cluster, eventually, KubeObject, startCluster } from "../cluster";
import { cachedAsset, cachedProgram } from "../cluster/build/cache";
import { provide, toStandardError } from "../cluster/build/builder";
import { httpAnswers, freePorts } from "../cluster/probe";
import { Keeper } from "../cluster/keeper";
import { kro } from "../cluster/programs/kro";
import { clone, installClones, STAGING } from "../support/clone-cluster";
import type { Row } from "./main";

/** Command lines of KRO that are compared. */
const BUSY = [
  "-dynamic-controller-concurrent-reconciles=20",
  "-dynamic-controller-rate-limiter-rate-limit=100",
  "-dynamic-controller-rate-limiter-burst-limit=500",
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "20 workers, 3 s": [...BUSY, "-instance-requeue-interval=3s"],
  "KRO's defaults (1 worker, 3 s)": [],
  "20 workers, 15 s": [...BUSY, "-instance-requeue-interval=15s"],
};

/** CLONES=50,200,1000 asks for others. */
const COUNTS = (process.env.CLONES ?? "50,200").split(",").map(Number);
/** KRO="20 workers, 3" asks for the values whose name begins so: of a thousand clones, the others take an hour. */
const CHOSEN = Object.entries(VALUES).filter(([name]) => name.startsWith(process.env.KRO ?? ""));
/** The last object that KRO makes of a clone: when it is there, all are. */
const LAST_KIND = ["networking.k8s.io/v1", "Ingress"] as const;
const NODES = 12;
const LONGEST_MILLISECONDS = 20 * 60_000;

interface Figures {
  /** Milliseconds from the first request until the objects of each clone existed. */
  readonly exist: readonly number[];
  readonly ready: readonly number[];
  /** Milliseconds from the request to delete them all until each had gone. */
  readonly gone: readonly number[];
  /** Of making them, until the last was ready. */
  readonly requests: number;
  readonly rssMiB: number;
}

/** Each set of values, one after the other on a cluster of its own, in the same run. */
export async function measureClones(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, args] of CHOSEN) {
    for (const count of COUNTS) {
      const figures = await measure(count, args);
      const { exist, ready, gone, requests, rssMiB } = figures;
      const text = [
        ...(ready.length < count ? [`only ${ready.length} within ${LONGEST_MILLISECONDS / 60_000} minutes`] : []),
        `objects p50 ${seconds(exist, 0.5)}, p95 ${seconds(exist, 0.95)}`,
        `gone p50 ${seconds(gone, 0.5)}, p95 ${seconds(gone, 0.95)}`,
        `ready p50 ${seconds(ready, 0.5)}, p95 ${seconds(ready, 0.95)}`,
        `${(requests / count).toFixed(0)} requests a clone`,
        `KRO ${rssMiB.toFixed(0)} MiB`,
      ];
      rows.push([`${count} clones at once, ${name}`, text.join("; ")]);
      toStandardError(rows.at(-1)?.join(": ") ?? "");
    }
  }
  return rows;
}

async function measure(count: number, kroArgs: readonly string[]): Promise<Figures> {
  const cluster = await startCluster({ nodes: NODES, nodeCapacity: { cpu: "128", memory: "512Gi", pods: "250" } });
  const keeper = new Keeper("loomworks-bench-");
  try {
    await startKro(cluster, keeper, kroArgs);
    await installClones(cluster);
    const before = await requestsOf(cluster);
    const asked = Date.now();
    const stop = new AbortController();
    const readyAt = whenFirst(cluster, count, stop.signal, ({ type, clone }) => type === "changed" && isReady(clone));
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        cluster.client.create(clone(`bench-${index}`, { customerId: `bench-${index}`, database: "sidecar" })),
      ),
    );
    const ready = await withLimit(readyAt, stop);
    const exist = await whenObjectsExisted(cluster);
    const requests = (await requestsOf(cluster)) - before;
    const deleted = Date.now();
    const goneAt = whenFirst(cluster, count, AbortSignal.timeout(LONGEST_MILLISECONDS), ({ type }) => type === "gone");
    await Promise.all(Array.from({ length: count }, (_, index) => cluster.client.delete(clone(`bench-${index}`))));
    const gone = (await goneAt).map((instant) => instant - deleted);
    const relative = (instants: readonly number[]) => instants.map((instant) => Math.max(0, instant - asked));
    return { exist: relative(exist), ready: relative(ready), gone, requests, rssMiB: rssOf(keeper) };
  } finally {
    await keeper.release();
    await cluster.stop();
  }
}

async function startKro(cluster: Cluster, keeper: Keeper, args: readonly string[]): Promise<void> {
  await provide([kro], toStandardError);
  await cluster.installCrds([cachedAsset(kro, "crds")]);
  const [port] = await freePorts(1);
  const probe = `127.0.0.1:${port ?? 0}`;
  const common = [
    `-kubeconfig=${cluster.kubeconfig}`,
    "-metrics-bind-address=0",
    `-health-probe-bind-address=${probe}`,
  ];
  keeper.start("kro", cachedProgram(kro), [...common, ...args]);
  await eventually(() => httpAnswers(`http://${probe}/readyz`), { what: "KRO ready", timeoutMs: 90_000 });
}

/** The instant at which each clone was first seen as told. */
async function whenFirst(
  cluster: Cluster,
  count: number,
  signal: AbortSignal,
  holds: (event: Exclude<CloneEvent, { type: "all" }>) => boolean,
): Promise<number[]> {
  const instants = new Map<string, number>();
  for await (const event of watchClones(new Kube(cluster.config), { namespace: STAGING }, systemClock, signal)) {
    if (event.type === "all" || instants.has(event.clone.metadata.name) || !holds(event)) continue;
    instants.set(event.clone.metadata.name, Date.now());
    if (instants.size === count) break;
  }
  return [...instants.values()];
}

async function withLimit(ready: Promise<number[]>, stop: AbortController): Promise<number[]> {
  const timer = setTimeout(() => stop.abort(), LONGEST_MILLISECONDS);
  try {
    return await ready;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** Creation of the last object of each clone; whole seconds, as the API server writes them down. */
async function whenObjectsExisted({ client }: Cluster): Promise<number[]> {
  const objects = await client.list(...LAST_KIND, STAGING, CLONE_LABELS.clone);
  return objects.map(({ metadata }: KubeObject) => Date.parse(metadata.creationTimestamp) + 1000);
}

/** Every request that the API server has answered, watches included; those of kwok, scheduler and controllers too. */
async function requestsOf({ client }: Cluster): Promise<number> {
  const text = await client.request<string>("GET", "/metrics");
  return [...text.matchAll(/^apiserver_request_total\{.*\} (\S+)$/gm)].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );
}

/** Highest that the process ever had. */
function rssOf(keeper: Keeper): number {
  const pid = readFileSync(`${keeper.folder}/run/kro`, "utf8").trim();
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) / 1024;
}

function seconds(milliseconds: readonly number[], quantile: number): string {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * quantile) - 1)];
  return value === undefined ? "never" : `${(value / 1000).toFixed(1)} s`;
}

/** The clone service under load: its answers, its jobs a second, and its memory. */
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { toStandardError } from "../cluster/build/builder";
import { Arrivals, load, LoadFigures, quantileOf } from "./load";
import type { Row } from "./main";
import { Memory, ServiceStack } from "./service-stack";

/** Requests a second. */
const RATES = [50, 200, 500];
const SECONDS = 10;
const ARRIVALS = ["even", "random"] as const;
/** Node compiles what it runs often, and connections are opened. */
const WARM_UP = { rate: 300, seconds: 15, arrivals: "even" } as const;
const IDLE_MILLISECONDS = 5_000;

/** Jobs of a round, and how many a worker does at once: the chart's figure, and more. */
const JOBS = 500;
const CONCURRENCIES = [4, 20];
const LONGEST_MILLISECONDS = 120_000;

/** Production's addresses are public ones; nothing calls it. */
const BODY = JSON.stringify({
  source_url: "https://shop.example.com",
  source_username: "admin",
  source_password: "secret of the source",
  customer_id: "bench",
  ttl_minutes: 60,
});

type Request = (index: number) => Omit<Dispatcher.RequestOptions, "origin">;

/** Load, API, database and Redis share this machine, and run one after the other what is measured. */
export async function measureService(): Promise<Row[]> {
  const stack = await ServiceStack.start();
  try {
    const rows: Row[] = [];
    const add = (what: string, figure: string) => {
      rows.push([what, figure]);
      toStandardError(`${what}: ${figure}`);
    };
    await sleep(IDLE_MILLISECONDS);
    const idle = stack.memoryOf("api");
    for (const concurrency of CONCURRENCIES) await measureJobs(stack, concurrency, add);
    await measureRequests(stack, add);
    add("memory of the API", memoryText(idle, stack.memoryOf("api")));
    return rows;
  } finally {
    await stack.stop();
  }
}

type Add = (what: string, figure: string) => void;

async function measureRequests(stack: ServiceStack, add: Add): Promise<void> {
  const asked = await loadWith(stack, WARM_UP, post(stack));
  const waiting = asked.bodies.map((body) => (JSON.parse(body) as { job_id: string }).job_id);
  const { jobs } = await stack.store.jobs.list({ limit: 200, status: "completed" });
  // Half of them are over, and show the clone's credentials.
  const ids = waiting.slice(0, jobs.length).flatMap((id, index) => [id, jobs[index]?.id ?? id]);
  await loadWith(stack, WARM_UP, get(stack, ids));
  const where = `load, API, MariaDB and Redis on the same ${availableParallelism()} cores`;
  for (const [what, request] of [
    ["POST /api/v2/clone", post(stack)],
    ["GET /api/v2/job-status/{id}", get(stack, ids)],
  ] as const) {
    for (const rate of RATES) {
      const texts: string[] = [];
      for (const arrivals of ARRIVALS) {
        const figures = await loadWith(stack, { rate, seconds: SECONDS, arrivals }, request);
        texts.push(`${arrivals} arrivals ${loadText(figures)}`);
      }
      add(`${what}, ${rate} a second for ${SECONDS} s; ${where}`, texts.join("; "));
    }
  }
}

async function measureJobs(stack: ServiceStack, concurrency: number, add: Add): Promise<void> {
  const worker = await stack.startWorker(concurrency);
  await sleep(IDLE_MILLISECONDS);
  const idle = stack.memoryOf("worker");
  await accept(stack, JOBS / 5);
  await untilNoneWaits(stack);
  await stack.whileHeld("worker", () => accept(stack, JOBS));
  const begun = performance.now();
  await untilNoneWaits(stack);
  const seconds = (performance.now() - begun) / 1000;
  const what = `${JOBS} accepted jobs through one worker, ${concurrency} at once; clones and copies that take no time`;
  add(what, `${(JOBS / seconds).toFixed(0)} jobs a second`);
  add(`memory of a worker, ${concurrency} jobs at once`, memoryText(idle, stack.memoryOf("worker")));
  await worker.kill();
}

async function accept(stack: ServiceStack, count: number): Promise<void> {
  const AT_ONCE = 10;
  for (let asked = 0; asked < count; asked += AT_ONCE) {
    const answers = Array.from({ length: AT_ONCE }, async () => {
      const { path, ...options } = post(stack)();
      const { status } = await fetch(`${stack.url}${path}`, options);
      if (status !== 202) throw new Error(`a job was answered by ${status}`);
    });
    await Promise.all(answers);
  }
}

/** @throws if one didn't complete */
async function untilNoneWaits({ store }: ServiceStack): Promise<void> {
  const deadline = performance.now() + LONGEST_MILLISECONDS;
  for (;;) {
    const counts = await store.jobs.counts();
    const unfinished = counts.filter(({ status, count }) => status !== "completed" && count > 0);
    if (unfinished.length === 0) return;
    const isHopeless = unfinished.some(({ status }) => status === "failed" || status === "cancelled");
    if (isHopeless || performance.now() > deadline) throw new Error(`jobs are left: ${JSON.stringify(unfinished)}`);
    await sleep(50);
  }
}

interface How {
  readonly rate: number;
  readonly seconds: number;
  readonly arrivals: Arrivals;
}

async function loadWith({ url }: ServiceStack, how: How, request: Request): Promise<LoadFigures> {
  return await load({ origin: url, ...how, request });
}

function post({ key }: ServiceStack) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return () => ({ method: "POST" as const, path: "/api/v2/clone", headers, body: BODY });
}

function get({ key }: ServiceStack, ids: readonly string[]): Request {
  const headers = { authorization: `Bearer ${key}` };
  return (index) => ({ method: "GET", path: `/api/v2/job-status/${ids[index % ids.length]}`, headers });
}

function loadText({ sent, milliseconds, errors }: LoadFigures): string {
  const [p50, p99, most] = [0.5, 0.99, 1].map((quantile) => `${quantileOf(milliseconds, quantile).toFixed(1)} ms`);
  const failed = Object.entries(errors).map(([what, count]) => `${count} ${what}`);
  return `p50 ${p50}, p99 ${p99}, longest ${most}, ${failed.length > 0 ? failed.join(" and ") : "no errors"} of ${sent}`;
}

function memoryText(idle: Memory | undefined, busy: Memory | undefined): string {
  if (idle === undefined || busy === undefined) return "not told by this system";
  return `${idle.now.toFixed(0)} MiB idle, ${busy.most.toFixed(0)} MiB at most under load`;
}

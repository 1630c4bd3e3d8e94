/** Many clones at once, asked for as a user asks: over HTTP (CLONE-13). */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { numberOf, wrong } from "./jobs";

export const BULK_USAGE = `  bulk-create        asks the API for many clones: --count N, --source URL, --api URL (http://127.0.0.1:8000),
                     --prefix NAME of their customers (bulk), --ttl MINUTES (30), --wait until all are over;
                     the key is CLONES_API_KEY`;

export interface BulkLine {
  readonly count?: string;
  readonly source?: string;
  readonly api?: string;
  readonly prefix?: string;
  readonly ttl?: string;
  readonly wait?: boolean;
}

export interface BulkDeps {
  readonly apiKey: string | undefined;
  readonly show: (object: unknown, text: () => string) => void;
  readonly fetch?: typeof fetch;
  /** Milliseconds between two looks at a job. @default 1000 */
  readonly pollMilliseconds?: number;
  /** Milliseconds for which an API that says "not now" is asked again. @default 60000 */
  readonly patienceMilliseconds?: number;
}

export interface BulkReport {
  readonly asked: number;
  readonly accepted: number;
  /** Milliseconds until the API had answered, all tries counted. */
  readonly answer: { readonly p50: number; readonly p95: number };
  /** By the state in which jobs ended; with `--wait`. */
  readonly ended?: Readonly<Record<string, number>>;
  /** Seconds from the first request until the last job was over; with `--wait`. */
  readonly seconds?: number;
  /** What the API said where it refused, each sentence once. */
  readonly refusals: readonly string[];
}

interface Answer {
  readonly milliseconds: number;
  readonly jobId?: string;
  readonly refusal?: string;
}

const DEFAULTS = { api: "http://127.0.0.1:8000", prefix: "bulk", ttl: "30", pollMilliseconds: 1000 } as const;
const PATIENCE_MILLISECONDS = 60_000;

/** Of an API that can't promise now: it says when to come back. */
const NOT_NOW = [429, 503];
/** Seconds, where it doesn't. */
const RETRY_AFTER = 2;

/** A request that takes longer has failed. */
const REQUEST_MILLISECONDS = 30_000;

/** @returns the exit code: 1 if any clone was refused or didn't come about */
export async function runBulkCreate(line: BulkLine, deps: BulkDeps): Promise<number> {
  const count = numberOf("count", line.count ?? "", 1000);
  const { source } = line;
  if (source === undefined) throw wrong("source", source, "no site is named", "Give --source https://…");
  if (deps.apiKey === undefined) throw wrong("CLONES_API_KEY", undefined, "the API wants a key", "Set it");
  const started = performance.now();
  const customers = Array.from({ length: count }, (_, index) => `${line.prefix ?? DEFAULTS.prefix}-${index + 1}`);
  const answers = await Promise.all(customers.map((customer) => ask(line, source, customer, deps)));
  const jobIds = answers.flatMap(({ jobId }) => jobId ?? []);
  const ended = line.wait === true ? await Promise.all(jobIds.map((id) => endOf(line, id, deps))) : undefined;
  const report: BulkReport = {
    asked: count,
    accepted: jobIds.length,
    answer: percentiles(answers.map(({ milliseconds }) => milliseconds)),
    refusals: [...new Set(answers.flatMap(({ refusal }) => refusal ?? []))],
    ...(ended === undefined
      ? {}
      : { ended: tally(ended), seconds: Math.round((performance.now() - started) / 100) / 10 }),
  };
  deps.show(report, () => textOf(report));
  return jobIds.length === count && (ended ?? []).every((status) => status === "completed") ? 0 : 1;
}

/** One clone. Asked again with the same Idempotency-Key, so that an answer which was lost makes no second one. */
async function ask(line: BulkLine, source: string, customer: string, deps: BulkDeps): Promise<Answer> {
  const started = performance.now();
  const wish = { source_url: source, customer_id: customer, ttl_minutes: Number(line.ttl ?? DEFAULTS.ttl) };
  const headers = { "idempotency-key": randomUUID() };
  const patience = deps.patienceMilliseconds ?? PATIENCE_MILLISECONDS;
  for (;;) {
    const { again, ...answer } = await tryOnce(line, deps, { method: "POST", body: JSON.stringify(wish), headers });
    const milliseconds = performance.now() - started;
    if (again === undefined || milliseconds + again * 1000 > patience) return { milliseconds, ...answer };
    await sleep(again * 1000);
  }
}

type Try = Omit<Answer, "milliseconds"> & {
  /** Seconds after which another try makes sense. */
  readonly again?: number;
};

async function tryOnce(line: BulkLine, deps: BulkDeps, init: RequestInit): Promise<Try> {
  try {
    const response = await call(line, deps, "/api/v2/clone", init);
    const { job_id: jobId, detail = "" } = (await response.json()) as { job_id?: string; detail?: string };
    if (response.status === 202 && jobId !== undefined) return { jobId };
    const refusal = `HTTP ${response.status}: ${detail}`;
    if (!NOT_NOW.includes(response.status)) return { refusal };
    return { refusal, again: Number(response.headers.get("retry-after") ?? RETRY_AFTER) };
  } catch (error) {
    return { refusal: `no answer: ${(error as Error).message}`, again: RETRY_AFTER };
  }
}

/** Looks until the job is over; an API that doesn't answer is asked again. */
async function endOf(line: BulkLine, jobId: string, deps: BulkDeps): Promise<string> {
  for (;;) {
    const status = await call(line, deps, `/api/v2/job-status/${jobId}`, {})
      .then(async (response) => (response.ok ? ((await response.json()) as { status: string }).status : "unknown"))
      .catch(() => "unknown");
    if (["completed", "failed", "cancelled"].includes(status)) return status;
    await sleep(deps.pollMilliseconds ?? DEFAULTS.pollMilliseconds);
  }
}

async function call(line: BulkLine, deps: BulkDeps, path: string, init: RequestInit): Promise<Response> {
  return await (deps.fetch ?? fetch)(new URL(path, line.api ?? DEFAULTS.api), {
    ...init,
    headers: {
      authorization: `Bearer ${deps.apiKey ?? ""}`,
      ...(init.body == null ? {} : { "content-type": "application/json" }),
      ...(init.headers as Record<string, string> | undefined),
    },
    signal: AbortSignal.timeout(REQUEST_MILLISECONDS),
  });
}

function percentiles(milliseconds: readonly number[]): BulkReport["answer"] {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { p50: at(0.5), p95: at(0.95) };
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function textOf({ asked, accepted, answer, ended, seconds, refusals }: BulkReport): string {
  const ends = Object.entries(ended ?? {}).map(([status, count]) => `${count} ${status}`);
  return [
    `${accepted} of ${asked} accepted; answers p50 ${answer.p50} ms, p95 ${answer.p95} ms.`,
    ...(ended === undefined ? [] : [`${ends.join(", ")} after ${seconds ?? 0} s.`]),
    ...refusals,
  ].join("\n");
}

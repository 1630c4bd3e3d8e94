/** The API while ten clones are being made, against the API at rest; and what all components take meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "../../e2e/wordpress/caller";
import { requestOf } from "../../e2e/wordpress/clones";
import { Answered, askAll, originOf, Question } from "./latency";
import type { Sampler } from "./sampler";
import type { Stage } from "./stage";
import type { Taken } from "./usage";

const CLONES = 10;

/** Node compiles what it runs often, and connections are opened. */
const WARM_UP_SECONDS = 3;
const REST_SECONDS = 20;

const LOOK_MILLISECONDS = 1_000;

/** Longest that ten clones may take. */
const MOST_SECONDS = 240;

export interface ApiFigures {
  readonly rest: readonly Answered[];
  readonly busy: readonly Answered[];
  /** Milliseconds of the ten requests themselves, in ascending order. */
  readonly asked: readonly number[];
  /** Seconds from the request until each was completed, in ascending order. */
  readonly seconds: readonly number[];
  /** Why others were not. */
  readonly failures: readonly string[];
  readonly taken: readonly Taken[];
}

export async function measureApi(stage: Stage, sampler: Sampler): Promise<ApiFigures> {
  const { shop, api, world } = stage;
  const origin = await originOf(world);
  const wish = (customer: string) => requestOf(shop, { customer, minutes: 30 });
  // The first of them ends before anything is measured: the repeated request asks for what is there.
  const first = { body: wish("bench"), headers: { "idempotency-key": `bench-${Date.now()}` } };
  const jobId = await firstJob(api, first);
  const questions: Question[] = [
    { name: "GET /api/v2/clones", method: "GET", path: "/api/v2/clones" },
    { name: "GET /api/v2/job-status/{id}", method: "GET", path: `/api/v2/job-status/${jobId}` },
    { name: "POST /api/v2/clone, repeated by its Idempotency-Key", method: "POST", path: "/api/v2/clone", ...first },
  ];
  await askAll(origin, api, questions, WARM_UP_SECONDS);
  const rest = await askAll(origin, api, questions, REST_SECONDS);
  const over = new AbortController();
  const { result, taken } = await sampler.during(async () => {
    const asking = askAll(origin, api, questions, MOST_SECONDS, over.signal);
    const customers = Array.from({ length: CLONES }, (_, index) => `bench-${index}`);
    const made = await makeAll(api, customers.map(wish)).finally(() => over.abort());
    return { made, busy: await asking };
  });
  await stage.removeClones();
  const { asked, seconds, failures } = result.made;
  return { rest, busy: result.busy, asked: ascending(asked), seconds: ascending(seconds), failures, taken };
}

async function firstJob(
  api: Caller,
  { body, headers }: { readonly body: object; readonly headers: Record<string, string> },
): Promise<string> {
  const { status, body: accepted } = await api.call("POST", "/api/v2/clone", body, headers);
  const { job_id: id, detail } = accepted as { job_id?: string; detail?: string };
  if (id === undefined) throw new Error(`POST /api/v2/clone: ${status} ${detail ?? ""}`);
  await api.ended(id);
  return id;
}

/** Asks for all at once, and then for the list of jobs now and then: ten callers who look all the time would be load. */
async function makeAll(api: Caller, wishes: readonly object[]) {
  const asked: number[] = [];
  const seconds: number[] = [];
  const failures: string[] = [];
  const begun = performance.now();
  const submit = async (wish: object) => {
    const sent = performance.now();
    const { status, body } = await api.call("POST", "/api/v2/clone", wish);
    asked.push(performance.now() - sent);
    if (status === 202) return [String(body.job_id)];
    failures.push(`${status} ${body?.detail ?? ""}`);
    return [];
  };
  const waiting = new Set((await Promise.all(wishes.map(submit))).flat());
  while (waiting.size > 0 && performance.now() - begun < MOST_SECONDS * 1000) {
    await sleep(LOOK_MILLISECONDS);
    const { body } = await api.call("GET", "/api/v2/jobs?limit=20");
    for (const { job_id: id, status, error } of body.jobs as Job[]) {
      if (["pending", "running"].includes(status) || !waiting.delete(id)) continue;
      if (status === "completed") seconds.push((performance.now() - begun) / 1000);
      else failures.push(`${status}: ${error ?? ""}`);
    }
  }
  failures.push(...[...waiting].map((id) => `${id} isn't over after ${MOST_SECONDS} s`));
  return { asked, seconds, failures };
}

interface Job {
  readonly job_id: string;
  readonly status: string;
  readonly error: string | null;
}

function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((one, other) => one - other);
}

/** Jobs by hand: what operators do instead of deleting rows and flushing Redis (decision 29). Safe to run twice. */
import { UsageError } from "../../constructs/shared/cli";
import { InvalidInputError } from "../../constructs/shared/problems";
import { Job, JOB_STATUSES, JOB_TYPES, JobStatus, JobType } from "../domain/job";
import { isJobId } from "../domain/job-id";
import type { JobQueue } from "../queue/queue";
import type { JobStore } from "../store/job-store";
import { age, columns } from "./text";

export const JOBS_USAGE = `  jobs list          every job, newest first; --status, --type, --tenant, --limit (50)
  jobs show ID       one job with its story
  jobs retry ID      makes another job of a failed or cancelled one's request
  jobs cancel ID     cancels it; what it made is undone
  jobs sweep         puts back into the queue what should be there and isn't`;

export interface JobsLine {
  readonly words: readonly string[];
  readonly status?: string;
  readonly type?: string;
  readonly tenant?: string;
  readonly limit?: string;
}

export interface JobsDeps {
  readonly jobs: Pick<JobStore, "list" | "find" | "retry" | "requestCancel" | "due" | "events">;
  readonly queue: Pick<JobQueue, "add">;
  readonly now: () => Date;
  /** The object for programs, or its text for people. */
  readonly show: (object: unknown, text: () => string) => void;
}

/** Most jobs that one sweep puts back; the next goes on. */
const SWEEP = 10_000;

/** @returns the exit code: 1 where there was nothing to act on */
export async function runJobs(line: JobsLine, deps: JobsDeps): Promise<number> {
  const [command, id, ...more] = line.words;
  if (command === "list" && id === undefined) return await list(line, deps);
  if (command === "sweep" && id === undefined) return await sweep(deps);
  const known = ["show", "retry", "cancel"].some((one) => one === command);
  if (!known || id === undefined || more.length > 0) throw new UsageError(JOBS_USAGE);
  if (!isJobId(id)) throw wrong("id", id, "it is no id of a job", "`jobs list` shows them");
  switch (command) {
    case "show":
      return await show(id, deps);
    case "retry":
      return await retry(id, deps);
    default:
      return await cancel(id, deps);
  }
}

async function list({ status, type, tenant, limit = "50" }: JobsLine, { jobs, now, show }: JobsDeps): Promise<number> {
  const query = {
    tenantId: tenant,
    status: oneOf<JobStatus>("status", status, JOB_STATUSES),
    type: oneOf<JobType>("type", type, JOB_TYPES),
    limit: numberOf("limit", limit, 1000),
  };
  const page = await jobs.list(query);
  show(page.jobs, () => jobsText(page.jobs, now()));
  return 0;
}

async function show(id: string, { jobs, now, show }: JobsDeps): Promise<number> {
  const job = await jobs.find(id);
  if (job === undefined) return nothing(id, show);
  const events = await jobs.events({ [id]: 0 });
  show({ ...job, events }, () => {
    const story = events.map(({ at, status, progress, message }) => [
      `  ${at.toISOString()}`,
      status,
      `${progress}%`,
      message ?? "",
    ]);
    const told = job.failure === undefined ? [] : [`  ${job.failure.code}: ${job.failure.message}`];
    return [jobsText([job], now()), ...told, columns(story)].join("\n");
  });
  return 0;
}

async function retry(id: string, { jobs, queue, show }: JobsDeps): Promise<number> {
  const job = await jobs.retry(id);
  if (job === undefined) {
    return nothing(
      id,
      show,
      "can't be begun anew: it isn't there, isn't over, completed, or needed secrets that are gone",
    );
  }
  await queue.add(job.id);
  show(job, () => `${job.id} does it again, and waits for a worker.`);
  return 0;
}

async function cancel(id: string, { jobs, show }: JobsDeps): Promise<number> {
  const job = await jobs.requestCancel(id);
  if (job === undefined) return nothing(id, show);
  const told = job.status === "running" ? "is told to stop" : `is ${job.status}`;
  show(job, () => `${id} ${told}.`);
  return 0;
}

async function sweep({ jobs, queue, show }: JobsDeps): Promise<number> {
  const due = await jobs.due(SWEEP);
  const missing: string[] = [];
  for (const id of due) if (await queue.add(id)) missing.push(id);
  show(missing, () => (missing.length === 0 ? "Nothing is missing." : `Put back: ${missing.join(", ")}.`));
  return 0;
}

function nothing(id: string, show: JobsDeps["show"], why = "isn't there"): number {
  show(null, () => `${id} ${why}.`);
  return 1;
}

function jobsText(jobs: readonly Job[], now: Date): string {
  if (jobs.length === 0) return "No jobs.";
  const head = ["ID", "TENANT", "TYPE", "STATUS", "DONE", "TRIES", "AGE", "CLONE", "MESSAGE"];
  const rows = jobs.map((job) => [
    job.id,
    job.tenantId,
    job.type,
    job.cancelRequestedAt !== undefined && job.status === "running" ? "cancelling" : job.status,
    `${job.progress}%`,
    String(job.attempt),
    age(job.createdAt, now),
    job.cloneId ?? "-",
    job.failure?.code ?? job.message ?? "",
  ]);
  return columns([head, ...rows]);
}

function oneOf<T extends string>(path: string, value: string | undefined, all: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = all.find((one) => one === value);
  if (found === undefined) throw wrong(path, value, "there is none of that name", `Give one of ${all.join(", ")}`);
  return found;
}

export function numberOf(path: string, text: string, most: number): number {
  const number = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw wrong(path, text, "it is no such number", `Give one from 1 to ${most}`);
  return number;
}

export function wrong(path: string, value: unknown, reason: string, remedy: string): InvalidInputError {
  return new InvalidInputError([{ code: "CLONES_ARGUMENT", path, value, reason, remedy }]);
}

/** A caller of the clone service's API, who waits for jobs as docs/service.md tells: by their status. */
import { eventually } from "../../cluster";

export interface Answer {
  readonly status: number;
  readonly body: any;
}

/** A job that ended well, and how long that took for who asked. */
export interface DoneJob {
  readonly id: string;
  /** `GET /api/v2/job-status/{id}`. */
  readonly body: any;
  /** From the request to the look that saw its end. */
  readonly seconds: number;
}

/** Between two looks. */
const LOOK_MILLISECONDS = 250;

/** A job may be tried again after a minute, and a cold start takes half of one. */
const JOB_MILLISECONDS = 240_000;

export class Caller {
  constructor(
    readonly base: string,
    /** For who logs in by it; never to be told. */
    readonly key: string,
  ) {}

  /** @param headers beside those that each request has. @default none */
  async call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...(body && { "content-type": "application/json" }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  /** What is no JSON, such as the events of a job that is over. */
  async text(path: string): Promise<string> {
    const response = await fetch(`${this.base}${path}`, {
      headers: { authorization: `Bearer ${this.key}` },
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return await response.text();
  }

  /** Asks for a job, and returns when it is completed. @throws {Error} with what the service said otherwise */
  async done(method: string, path: string, body?: object): Promise<DoneJob> {
    const begun = performance.now();
    const { status, body: accepted } = await this.call(method, path, body);
    if (status !== 202) throw new Error(`${method} ${path}: ${status} ${accepted?.detail ?? ""}`);
    const id = String(accepted.job_id);
    const job = await this.ended(id);
    return { id, body: job, seconds: (performance.now() - begun) / 1000 };
  }

  /** Waits until a job is completed. @returns its status @throws {Error} with what the service said otherwise */
  async ended(id: string): Promise<any> {
    const job = await eventually(
      async () => {
        const { body: now } = await this.call("GET", `/api/v2/job-status/${id}`);
        return isOver(now.status) ? now : undefined;
      },
      { what: `the end of ${id}`, timeoutMs: JOB_MILLISECONDS, intervalMs: LOOK_MILLISECONDS },
    );
    if (job.status !== "completed") throw new Error(`${id} (${job.type}) is ${job.status}: ${job.error}`);
    return job;
  }
}

function isOver(status: string): boolean {
  return !["pending", "running"].includes(status);
}

/** As steps tell it. */
export function told(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

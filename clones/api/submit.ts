/** From a request to a job: secrets out, sealed; the row first, then the queue. */
import { createHmac } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Job, JobType } from "../domain/job";
import { newJobId } from "../domain/job-id";
import { currentTraceparent } from "../telemetry/trace";
import { derivedKey } from "../webhooks/secrets";
import type { ApiDeps } from "./deps";
import { principalOf } from "./request-state";

export interface Wish {
  readonly type: JobType;
  /** What everybody may read who may read the job. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly secrets?: object;
  readonly cloneId?: string;
  readonly webhookUrl?: string;
  /** The restore that it puts back. */
  readonly rollbackOf?: string;
}

/** Seconds until a first look at the job makes sense. */
const FIRST_LOOK_SECONDS = 2;

/** Milliseconds that the end of the process waits for the queue. */
const SETTLE_MILLISECONDS = 1000;

export class Submitter {
  private readonly fingerprintKey: Uint8Array;
  private readonly queueing = new Set<Promise<unknown>>();

  constructor(private readonly deps: ApiDeps) {
    this.fingerprintKey = derivedKey(deps.platformSecret, "idempotency fingerprint");
  }

  /**
   * Returns when the job's row is committed. The queue is told afterwards: a queue that is away costs the caller
   * nothing, as the sweeper puts in what it hasn't heard of.
   */
  async submit(request: FastifyRequest, wish: Wish): Promise<Job> {
    const { jobs, vault, randomBytes } = this.deps;
    const id = newJobId(randomBytes);
    const secrets = wish.secrets && JSON.stringify(wish.secrets);
    const key = request.headers["idempotency-key"];
    const { job } = await jobs.create({
      id,
      tenantId: principalOf(request).tenantId,
      type: wish.type,
      request: wish.request,
      ...(secrets === undefined ? {} : { secrets: await vault.seal(secrets, `${id}/request`) }),
      ...(wish.cloneId === undefined ? {} : { cloneId: wish.cloneId }),
      ...(wish.webhookUrl === undefined ? {} : { webhookUrl: wish.webhookUrl }),
      ...(wish.rollbackOf === undefined ? {} : { rollbackOf: wish.rollbackOf }),
      traceparent: currentTraceparent(),
      ...(typeof key === "string" ? { idempotency: { key, fingerprint: this.fingerprint(wish) } } : {}),
    });
    // A repeated request tells the queue again: that changes nothing, or mends it.
    if (job.status === "pending") this.enqueue(job.id, request);
    return job;
  }

  /** Until the queue has heard of all that was promised; a queue that hangs is left to the sweeper. */
  async settled(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, SETTLE_MILLISECONDS)));
    await Promise.race([Promise.all(this.queueing), late]).finally(() => clearTimeout(timer));
  }

  private enqueue(jobId: string, request: FastifyRequest): void {
    const adding = this.deps.queue.add(jobId).catch((error: unknown) => {
      const name = error instanceof Error ? error.name : "Error";
      request.log.warn({ job_id: jobId, error: name }, "the queue wasn't told; the sweeper does it");
    });
    this.queueing.add(adding);
    void adding.finally(() => this.queueing.delete(adding));
  }

  /** Keyed, because passwords are part of what it tells apart, and the table must not help to guess them. */
  private fingerprint({ type, request, secrets, cloneId, webhookUrl }: Wish): string {
    const all = JSON.stringify([type, request, secrets ?? null, cloneId ?? null, webhookUrl ?? null]);
    return createHmac("sha256", this.fingerprintKey).update(all).digest("hex");
  }
}

/** 202 with where to look, and when. */
export function accept(reply: FastifyReply, { id, status }: Job) {
  const statusUrl = statusUrlOf(id);
  reply.code(202).header("location", statusUrl).header("retry-after", FIRST_LOOK_SECONDS);
  return { job_id: id, status, status_url: statusUrl };
}

export function statusUrlOf(jobId: string): string {
  return `/api/v2/job-status/${jobId}`;
}

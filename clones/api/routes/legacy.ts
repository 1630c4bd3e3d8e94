/** The routes of before: they make the same job, and wait for it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { isOver, Job } from "../../domain/job";
import { ServiceError } from "../../errors";
import type { ApiDeps, ApiLimits } from "../deps";
import { ownClone } from "../owned";
import { refuse } from "../problems";
import { principalOf } from "../request-state";
import { COMMON_PROBLEMS, JobStatus, legacyAnswer, problems } from "../schemas/answers";
import { cloneRequest, idempotencyHeader, noQuery, restoreRequest } from "../schemas/requests";
import type { Seats } from "../seats";
import { statusUrlOf, Submitter } from "../submit";
import { jobStatusView } from "../views";
import { cloneWish, restoreWish } from "../wishes";

/** RFC 9745: since when they are deprecated, in Unix seconds: 2026-02-20, when v2 came. */
const DEPRECATION = "@1771545600";

/** RFC 8594: until when they answer. */
const SUNSET = "Sat, 20 Feb 2027 00:00:00 GMT";

export function addLegacy(
  app: FastifyInstance,
  deps: ApiDeps,
  limits: Required<ApiLimits>,
  { submitter, seats, closing }: { submitter: Submitter; seats: Seats; closing: AbortSignal },
): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const waiter = new Waiter(deps, limits, seats, closing);
  const handlerTimeout = limits.legacyMilliseconds + limits.requestMilliseconds;
  const shared = {
    tags: ["v1"],
    deprecated: true,
    querystring: noQuery,
    headers: idempotencyHeader,
    response: { 200: legacyAnswer, ...problems(...COMMON_PROBLEMS, 404, 413, 415, 422, 502, 504) },
  };

  api.post(
    "/clone",
    {
      config: { scope: "clones:write" },
      handlerTimeout,
      onRequest: successor("/api/v2/clone"),
      schema: {
        ...shared,
        operationId: "createCloneV1",
        summary: "Copy a site, and wait",
        body: cloneRequest(deps.urlPolicy),
      },
    },
    async (request, reply) =>
      await waiter.wait(request, reply, async () => await submitter.submit(request, cloneWish(request.body))),
  );

  api.post(
    "/restore",
    {
      config: { scope: "restore" },
      handlerTimeout,
      onRequest: successor("/api/v2/restore"),
      schema: {
        ...shared,
        operationId: "restoreCloneV1",
        summary: "Bring changes back, and wait",
        body: restoreRequest(deps.urlPolicy),
      },
    },
    async (request, reply) =>
      await waiter.wait(request, reply, async () => {
        const { clone_id } = request.body.source;
        const clone = clone_id === undefined ? undefined : await ownClone(deps, request, clone_id);
        return await submitter.submit(request, restoreWish(request.body, clone?.id));
      }),
  );
}

function successor(path: string) {
  return (_request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    reply.headers({ deprecation: DEPRECATION, sunset: SUNSET, link: `<${path}>; rel="successor-version"` });
    done();
  };
}

class Waiter {
  constructor(
    private readonly deps: ApiDeps,
    private readonly limits: Required<ApiLimits>,
    private readonly seats: Seats,
    private readonly closing: AbortSignal,
  ) {}

  async wait(request: FastifyRequest, reply: FastifyReply, submit: () => Promise<Job>) {
    const leave = this.seats.take(principalOf(request).keyId);
    try {
      const { id } = await submit();
      reply.header("location", statusUrlOf(id));
      return await this.answer(await this.end(id, AbortSignal.any([goneSignal(reply), this.closing])));
    } finally {
      leave();
    }
  }

  /** Whoever goes away leaves the job as it is. */
  private async end(jobId: string, signal: AbortSignal): Promise<Job> {
    const { jobs, clock } = this.deps;
    const until = clock.now().getTime() + this.limits.legacyMilliseconds;
    for (;;) {
      const job = await jobs.find(jobId);
      if (job !== undefined && isOver(job.status)) return job;
      if (clock.now().getTime() >= until || signal.aborted) throw stillRunning(jobId);
      await clock.sleep(this.limits.pollMilliseconds, signal).catch(() => undefined);
    }
  }

  private async answer(job: Job) {
    const remedy = `GET ${statusUrlOf(job.id)} tells more`;
    if (job.status === "cancelled") throw refuse(409, "JOB_CANCELLED", "job", "the job was cancelled", remedy);
    if (job.failure !== undefined && job.status === "failed") {
      const { code, message: reason } = job.failure;
      throw new ServiceError(502, [{ code, path: "job", value: undefined, reason, remedy }]);
    }
    const view = await jobStatusView(job, this.deps);
    const { clone_url, username, password, expires_at } = view as Partial<JobStatus>;
    return {
      success: true as const,
      message: job.message ?? "Completed",
      job_id: job.id,
      clone_id: job.cloneId,
      clone_url,
      username,
      password,
      expires_at,
      result: job.result,
    };
  }
}

/** Aborts when nobody waits any more. Not `request.signal`: Node closes a request as soon as its body was read. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once("close", () => gone.abort());
  return gone.signal;
}

const stillRunning = (jobId: string) =>
  refuse(504, "JOB_RUNNING", "job", "the job is not over yet, and goes on", `Poll GET ${statusUrlOf(jobId)}`);

/** A job's story as it happens. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { isOver } from "../../domain/job";
import type { ApiDeps, ApiLimits } from "../deps";
import { EventHub } from "../event-hub";
import { EventStream } from "../event-stream";
import { ownJob } from "../owned";
import { principalOf } from "../request-state";
import { COMMON_PROBLEMS, problems } from "../schemas/answers";
import { jobPath, lastEventHeader, noQuery } from "../schemas/requests";
import type { Seats } from "../seats";

const stream = {
  description: "Server-Sent Events; `id` is the event's sequence, `event` is progress or end, `data` is JSON",
  content: { "text/event-stream": { schema: z.string() } },
};

export function addEvents(
  app: FastifyInstance,
  deps: ApiDeps,
  limits: Required<ApiLimits>,
  seats: Seats,
  closing: AbortSignal,
): EventHub {
  const hub = new EventHub(deps.jobs, deps.clock, limits.pollMilliseconds, (error) => {
    app.log.warn({ error: error instanceof Error ? error.name : "Error" }, "events can't be read");
  });
  app.withTypeProvider<ZodTypeProvider>().get(
    "/api/v2/jobs/:job_id/events",
    {
      config: { scope: "clones:read" },
      schema: {
        tags: ["jobs"],
        operationId: "streamJobEvents",
        summary: "A job's events as they happen, until it is over",
        params: jobPath,
        querystring: noQuery,
        headers: lastEventHeader,
        response: {
          200: stream,
          204: z.undefined().describe("The job is over and all was told: nothing to come back for"),
          ...problems(...COMMON_PROBLEMS, 404),
        },
      },
    },
    async (request, reply) => {
      const { id, status } = await ownJob(deps, request, request.params.job_id);
      const after = Number(request.headers["last-event-id"] ?? 0);
      if (isOver(status) && (await deps.jobs.events({ [id]: after }, 1)).length === 0) {
        return await reply.code(204).send();
      }
      const leave = seats.take(principalOf(request).keyId);
      try {
        await new EventStream(deps, limits, reply, id, after).run(hub, closing);
      } finally {
        leave();
      }
      return reply;
    },
  );
  return hub;
}

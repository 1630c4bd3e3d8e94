/** Puts back what a restore changed, by a job of its own: as long as the target keeps what it had before. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Job } from "../../domain/job";
import { ROLLBACK_SECONDS } from "../../migration/site-migrator";
import type { ApiDeps } from "../deps";
import { ownJob } from "../owned";
import { refuse } from "../problems";
import { accepted, COMMON_PROBLEMS, problems } from "../schemas/answers";
import { idempotencyHeader, jobPath, noQuery, rollbackRequest } from "../schemas/requests";
import { accept, Submitter } from "../submit";
import { rollbackWish } from "../wishes";

export function addRollbacks(app: FastifyInstance, deps: ApiDeps, submitter: Submitter): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    "/api/v2/jobs/:job_id/rollback",
    {
      config: { scope: "restore" },
      schema: {
        tags: ["jobs"],
        operationId: "rollBackRestore",
        summary: "Put back what a restore changed, within 24 hours of its end",
        params: jobPath,
        querystring: noQuery,
        headers: idempotencyHeader,
        body: rollbackRequest(deps.urlPolicy),
        response: {
          202: accepted.describe("The job is in the table; Location tells where to look, Retry-After when"),
          ...problems(...COMMON_PROBLEMS, 404, 409, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const restore = await ownJob(deps, request, request.params.job_id);
      assertRestored(restore, deps.clock.now());
      // A second one is refused by the table, where two that come at once can't both be first.
      return accept(reply, await submitter.submit(request, rollbackWish(restore, request.body)));
    },
  );
}

/** @throws {ServiceError} JOB_NOT_RESTORED, RESTORE_DRY_RUN, RESTORE_GONE */
function assertRestored({ type, status, request, completedAt }: Job, now: Date): void {
  const isRestore = type === "restore" && request.rollback_of === undefined;
  if (!isRestore || status !== "completed" || completedAt === undefined) throw notRestored();
  if (request.dry_run === true) throw dryRun();
  if (now.getTime() - completedAt.getTime() > ROLLBACK_SECONDS * 1000) throw gone();
}

const notRestored = () =>
  refuse(
    409,
    "JOB_NOT_RESTORED",
    "job_id",
    "the job is no restore that was completed, so there is nothing to put back",
    "Give the id of one; a restore that failed or was cancelled put the site back itself",
  );

const dryRun = () =>
  refuse(409, "RESTORE_DRY_RUN", "job_id", "the restore was a dry run, which changed nothing", "Nothing is to be done");

const gone = () =>
  refuse(
    409,
    "RESTORE_GONE",
    "job_id",
    "the restore ended more than 24 hours ago, and what was saved before it isn't kept any longer",
    "Take the host's own backup",
  );

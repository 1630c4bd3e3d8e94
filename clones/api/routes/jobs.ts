/** What became of jobs. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { isOver } from "../../domain/job";
import type { ApiDeps } from "../deps";
import { isVisible, ownJob } from "../owned";
import { jobNotFound, refuse } from "../problems";
import { principalOf } from "../request-state";
import { accepted, COMMON_PROBLEMS, jobPage, jobStatus, problems } from "../schemas/answers";
import { jobPath, jobsQuery, noQuery } from "../schemas/requests";
import { accept } from "../submit";
import { jobStatusView, jobView } from "../views";
import { linkNext } from "./pages";

/** Seconds between two looks at a job that isn't over. */
const LOOK_AGAIN_SECONDS = 2;

export function addJobs(app: FastifyInstance, deps: ApiDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const tags = ["jobs"];
  const { jobs } = deps;

  api.get(
    "/api/v2/job-status/:job_id",
    {
      config: { scope: "clones:read" },
      schema: {
        tags,
        operationId: "getJobStatus",
        summary: "How far a job is, and what came of it",
        params: jobPath,
        querystring: noQuery,
        response: { 200: jobStatus, ...problems(...COMMON_PROBLEMS, 404) },
      },
    },
    async (request, reply) => {
      const job = await ownJob(deps, request, request.params.job_id);
      if (!isOver(job.status)) reply.header("retry-after", LOOK_AGAIN_SECONDS);
      return await jobStatusView(job, deps);
    },
  );

  api.get(
    "/api/v2/jobs",
    {
      config: { scope: "clones:read" },
      schema: {
        tags,
        operationId: "listJobs",
        summary: "Jobs, newest first",
        querystring: jobsQuery,
        response: { 200: jobPage, ...problems(...COMMON_PROBLEMS) },
      },
    },
    async (request, reply) => {
      const { clone_id: cloneId, limit, ...filters } = request.query;
      const page = await jobs.list({
        ...filters,
        ...(cloneId === undefined ? {} : { cloneId }),
        tenantId: principalOf(request).tenantId,
        limit: Number(limit),
      });
      linkNext(request, reply, page.cursor);
      const seen = page.jobs.filter((job) => isVisible(job, request));
      return { jobs: seen.map(jobView), next_cursor: page.cursor ?? null };
    },
  );

  api.post(
    "/api/v2/jobs/:job_id/cancel",
    {
      config: { scope: "clones:write" },
      schema: {
        tags,
        operationId: "cancelJob",
        summary: "Ask a job to stop, and to take back what it made",
        params: jobPath,
        querystring: noQuery,
        response: { 202: accepted, ...problems(...COMMON_PROBLEMS, 404, 409) },
      },
    },
    async (request, reply) => {
      const { id, type } = await ownJob(deps, request, request.params.job_id);
      // Who may only make clones doesn't stop what is done to a site of production.
      if (type === "restore" && !principalOf(request).scopes.includes("restore")) throw restoreScopeMissing();
      const job = await jobs.requestCancel(id);
      if (job === undefined) throw jobNotFound();
      if (job.status === "completed" || job.status === "failed") throw jobOver();
      return accept(reply, job);
    },
  );
}

const jobOver = () =>
  refuse(409, "JOB_OVER", "job_id", "the job is over, so nothing is left to cancel", "Look at its status");

const restoreScopeMissing = () =>
  refuse(403, "KEY_SCOPE", "Authorization", "the key lacks the scope restore", "Use a key that has it");

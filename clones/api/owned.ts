/** What a caller asks for by id: its own, or nothing. */
import type { FastifyRequest } from "fastify";
import { isCloneId } from "../domain/clone-id";
import type { Job } from "../domain/job";
import { isJobId } from "../domain/job-id";
import { ServiceError } from "../errors";
import type { ApiDeps } from "./deps";
import { cloneNotFound, jobNotFound, toServiceError } from "./problems";
import { principalOf } from "./request-state";

/** @throws {ServiceError} JOB_NOT_FOUND, in the same words for somebody else's */
export async function ownJob({ jobs }: Pick<ApiDeps, "jobs">, request: FastifyRequest, jobId: string): Promise<Job> {
  const job = isJobId(jobId) ? await jobs.find(jobId) : undefined;
  if (job?.tenantId !== principalOf(request).tenantId) throw jobNotFound();
  return job;
}

/** @throws {ServiceError} CLONE_NOT_FOUND, in the same words for somebody else's */
export async function ownClone(deps: Pick<ApiDeps, "directory">, request: FastifyRequest, cloneId: string) {
  const clone = isCloneId(cloneId) ? await fromDirectory(() => deps.directory.find(cloneId)) : undefined;
  if (clone?.tenantId !== principalOf(request).tenantId) throw cloneNotFound();
  return clone;
}

/** Whatever the directory can't do but refuse is that it isn't there now. */
export async function fromDirectory<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const refusal = toServiceError(error);
    if (refusal.code === "CLONE_NOT_FOUND") throw cloneNotFound();
    if (refusal.code !== "SERVICE_FAILED") throw refusal;
    throw directoryUnavailable(error);
  }
}

const directoryUnavailable = (cause: unknown) =>
  new ServiceError(
    503,
    [
      {
        code: "DIRECTORY_UNAVAILABLE",
        path: "directory",
        value: undefined,
        reason: "where clones live doesn't answer",
        remedy: "Try again in some seconds",
      },
    ],
    { cause },
  );

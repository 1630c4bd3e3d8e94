/** What a caller asks for by id: its own, or nothing. */
import type { FastifyRequest } from "fastify";
import { isCloneId } from "../domain/clone-id";
import type { Job } from "../domain/job";
import { isJobId } from "../domain/job-id";
import type { CopyDirectory, TenantCopy } from "../copies/copies";
import { copyNotFound } from "../copies/errors";
import { ServiceError } from "../errors";
import type { ApiDeps } from "./deps";
import { cloneNotFound, jobNotFound, refuse, toServiceError } from "./problems";
import { principalOf } from "./request-state";

/** Whether the caller's key may know of it: copies of a company's books are for those who were given that right alone. */
export function isVisible({ type, request: wish }: Job, request: FastifyRequest): boolean {
  const isOfCopies = type === "copy" || "copy_id" in wish;
  return !isOfCopies || principalOf(request).scopes.includes("copies");
}

/** @throws {ServiceError} JOB_NOT_FOUND, in the same words for somebody else's */
export async function ownJob({ jobs }: Pick<ApiDeps, "jobs">, request: FastifyRequest, jobId: string): Promise<Job> {
  const job = isJobId(jobId) ? await jobs.find(jobId) : undefined;
  if (job?.tenantId !== principalOf(request).tenantId || !isVisible(job, request)) throw jobNotFound();
  return job;
}

/** @throws {ServiceError} CLONE_NOT_FOUND, in the same words for somebody else's */
export async function ownClone(deps: Pick<ApiDeps, "directory">, request: FastifyRequest, cloneId: string) {
  const clone = isCloneId(cloneId) ? await fromDirectory(() => deps.directory.find(cloneId)) : undefined;
  if (clone?.tenantId !== principalOf(request).tenantId) throw cloneNotFound();
  return clone;
}

/** @throws {CopyError} TENANT_COPY_NOT_FOUND, in the same words for somebody else's */
export async function ownCopy(
  deps: Pick<ApiDeps, "copies">,
  request: FastifyRequest,
  copyId: string,
): Promise<TenantCopy> {
  const copy = await fromDirectory(() => copiesOf(deps).find(copyId));
  if (copy?.tenantId !== principalOf(request).tenantId) throw copyNotFound();
  return copy;
}

/** @throws {ServiceError} TENANT_COPY_OFF */
export function copiesOf({ copies }: Pick<ApiDeps, "copies">): CopyDirectory {
  if (copies !== undefined) return copies;
  throw refuse(
    404,
    "TENANT_COPY_OFF",
    "url",
    "this installation copies no databases",
    "Its operators can switch it on",
  );
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

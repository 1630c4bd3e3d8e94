/** Jobs and clones as callers see them. */
import type { Job } from "../domain/job";
import { LOGIN_LINK_SECONDS } from "../migration/site-migrator";
import type { TenantCopy } from "../copies/copies";
import type { BackendClone } from "../workers/backend";
import type { ApiDeps } from "./deps";

export function jobView(job: Job) {
  return {
    job_id: job.id,
    type: job.type,
    status: job.status,
    progress: job.progress,
    status_message: job.message ?? null,
    created_at: job.createdAt.toISOString(),
    updated_at: job.updatedAt.toISOString(),
    completed_at: job.completedAt?.toISOString() ?? null,
    result: job.result ?? null,
    error: job.failure?.message ?? null,
    error_code: job.failure?.code ?? null,
    cancel_requested: job.cancelRequestedAt !== undefined,
    clone_id: job.cloneId ?? null,
    ...(typeof job.request.rollback_of === "string" ? { rollback_of: job.request.rollback_of } : {}),
  };
}

/** What only the status of one job tells: where its clone is, and how to get in while it lives. */
export async function jobStatusView(job: Job, deps: ApiDeps) {
  if (job.type !== "clone" || job.status !== "completed") return jobView(job);
  const url = job.result?.clone_url;
  return {
    ...jobView(job),
    ...(typeof url === "string" ? { clone_url: url } : {}),
    ...(await credentialsOf(job, deps)),
    ...(job.ttlExpiresAt === undefined ? {} : { expires_at: job.ttlExpiresAt.toISOString() }),
  };
}

async function credentialsOf(job: Job, { jobs, vault, clock, log, exposeCredentials = true }: ApiDeps) {
  const isOver = job.ttlExpiresAt !== undefined && job.ttlExpiresAt <= clock.now();
  if (!exposeCredentials || isOver) return {};
  const sealed = await jobs.resultSecrets(job.id);
  if (sealed === undefined) return {};
  try {
    const secrets = JSON.parse(await vault.open(sealed, `${job.id}/result`)) as Record<string, unknown>;
    const { username, password, login_url: loginUrl } = secrets;
    // It was made just before the job's end.
    const works = (job.completedAt?.getTime() ?? 0) + LOGIN_LINK_SECONDS * 1000 > clock.now().getTime();
    const link = typeof loginUrl === "string" && works ? { login_url: loginUrl } : {};
    return typeof username === "string" && typeof password === "string" ? { username, password, ...link } : {};
  } catch {
    // Sealed with a key that was taken away since: the rest of the status is as true as before.
    log.warn({ job_id: job.id }, "the credentials of a clone can't be opened");
    return {};
  }
}

export function cloneView(clone: BackendClone) {
  return {
    clone_id: clone.id,
    customer_id: clone.customerId,
    job_id: clone.jobId ?? null,
    clone_url: clone.url ?? null,
    status: stateOf(clone),
    status_message: clone.message ?? null,
    created_at: clone.createdAt.toISOString(),
    expires_at: clone.expiresAt.toISOString(),
  };
}

function stateOf({ ending, ready }: BackendClone): "creating" | "ready" | "ending" {
  if (ending) return "ending";
  return ready ? "ready" : "creating";
}

export function copyView(copy: TenantCopy) {
  return {
    copy_id: copy.id,
    database: copy.database,
    job_id: copy.jobId,
    copy_url: copy.url ?? null,
    status: copy.state,
    status_message: copy.message ?? null,
    created_at: copy.createdAt.toISOString(),
    expires_at: copy.expiresAt.toISOString(),
  };
}

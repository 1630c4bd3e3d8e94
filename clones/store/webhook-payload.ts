/** What a webhook tells of a job that is over: the fields of its status answer, without any secret. */
import type { Job } from "../domain/job";

/** `type` is `job.completed`, `job.failed` or `job.cancelled`, as Standard Webhooks form it. */
export function jobEnded(job: Job): Readonly<Record<string, unknown>> {
  const { id, type, status, progress, cloneId, result, failure, createdAt, completedAt, ttlExpiresAt } = job;
  return {
    type: `job.${status}`,
    timestamp: (completedAt ?? job.updatedAt).toISOString(),
    data: {
      job_id: id,
      type,
      status,
      progress,
      clone_id: cloneId,
      result,
      error: failure && { code: failure.code, message: failure.message },
      created_at: createdAt.toISOString(),
      completed_at: completedAt?.toISOString(),
      ttl_expires_at: ttlExpiresAt?.toISOString(),
    },
  };
}

import type { Job, JobType } from "../../domain/job";
import type { WorkerDeps } from "../engine/deps";
import type { JobPlan } from "../engine/plan";
import { clonePlan } from "./clone";
import { deletePlan } from "./delete";
import { isCopyEnd, isRollback } from "./requests";
import { restorePlan } from "./restore";
import { rollbackPlan } from "./rollback";
import { endTenantCopyPlan, tenantCopyPlan } from "./tenant-copy";

const PLANS: Readonly<Record<JobType, (job: Job, deps: WorkerDeps) => JobPlan>> = {
  clone: clonePlan,
  restore: (job, deps) => (isRollback(job.request) ? rollbackPlan(job, deps) : restorePlan(job, deps)),
  delete: (job, deps) => (isCopyEnd(job.request) ? endTenantCopyPlan(job, deps) : deletePlan(job, deps)),
  copy: tenantCopyPlan,
};

/** The steps that the service takes for this job. */
export function planOf(job: Job, deps: WorkerDeps): JobPlan {
  return PLANS[job.type](job, deps);
}

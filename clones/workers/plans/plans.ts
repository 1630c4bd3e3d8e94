import type { Job, JobType } from "../../domain/job";
import type { WorkerDeps } from "../engine/deps";
import type { JobPlan } from "../engine/plan";
import { clonePlan } from "./clone";
import { deletePlan } from "./delete";
import { isRollback } from "./requests";
import { restorePlan } from "./restore";
import { rollbackPlan } from "./rollback";

const PLANS: Readonly<Record<JobType, (job: Job, deps: WorkerDeps) => JobPlan>> = {
  clone: clonePlan,
  restore: (job, deps) => (isRollback(job.request) ? rollbackPlan(job, deps) : restorePlan(job, deps)),
  delete: deletePlan,
};

/** The steps that the service takes for this job. */
export function planOf(job: Job, deps: WorkerDeps): JobPlan {
  return PLANS[job.type](job, deps);
}

import type { Job, JobType } from "../../domain/job";
import type { WorkerDeps } from "../engine/deps";
import type { JobPlan } from "../engine/plan";
import { clonePlan } from "./clone";
import { deletePlan } from "./delete";
import { restorePlan } from "./restore";

const PLANS: Readonly<Record<JobType, (job: Job, deps: WorkerDeps) => JobPlan>> = {
  clone: clonePlan,
  restore: restorePlan,
  delete: deletePlan,
};

/** The steps that the service takes for this job. */
export function planOf(job: Job, deps: WorkerDeps): JobPlan {
  return PLANS[job.type](job, deps);
}

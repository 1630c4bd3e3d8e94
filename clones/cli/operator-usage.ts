import { BULK_USAGE } from "./bulk";
import { DOCTOR_USAGE } from "./doctor";
import { JOBS_USAGE } from "./jobs";
import { KEYS_USAGE } from "./keys";

/** What operators may ask for, beside the clones themselves. */
export const OPERATOR_USAGE = [
  JOBS_USAGE,
  KEYS_USAGE,
  BULK_USAGE,
  DOCTOR_USAGE,
  "",
  "These reach the service's parts as its processes do: JOBS_DATABASE_HOST, _USER, _PASSWORD, REDIS_HOST, _PASSWORD.",
].join("\n");

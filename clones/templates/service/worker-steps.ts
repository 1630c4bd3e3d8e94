/** How many workers there are for how many jobs: the documents' table (PLAT-04), and the formula that KEDA reckons by. */
import { QUEUE_KEYS } from "../../queue/keys";
import { ACCOUNTS } from "../accounts";

/** Below so many jobs, waiting or under way, so many workers; a bound belongs to the step that it begins. */
const STEPS: readonly Step[] = [
  { below: 10, workers: 2 },
  { below: 50, workers: 5 },
  { below: 100, workers: 10 },
  { workers: 20 },
];

interface Step {
  /** @default there is no bound */
  readonly below?: number;
  readonly workers: number;
}

export const FEWEST_WORKERS = 2;
export const MOST_WORKERS = 20;

/** Jobs from which there should be more than the fewest. */
export const STEP_BOUND = 10;

/** Workers while KEDA can't read the queue, unless there are more already: enough for a usual day. */
export const FALLBACK_WORKERS = 5;

/** Keys of the queue, by the name that the formula calls each one's length. Those that come back later need nobody yet. */
export const COUNTED = {
  waiting: QUEUE_KEYS.wait,
  prioritized: QUEUE_KEYS.prioritized,
  active: QUEUE_KEYS.active,
} as const;

/** Name that KEDA gives the autoscaler it makes. */
export const AUTOSCALER = `keda-hpa-${ACCOUNTS.worker}`;

/** As in `q < 10 ? 2 : (q < 50 ? 5 : (…))`, with the sum for `q`. */
export function stepFormula(): string {
  const jobs = Object.keys(COUNTED).join(" + ");
  return STEPS.reduceRight(
    (rest, { below, workers }) => (below === undefined ? `${workers}` : `${jobs} < ${below} ? ${workers} : (${rest})`),
    "",
  );
}

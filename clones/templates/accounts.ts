/** The processes of the clone service: name of the workload, of its account, and of its pods by label. */
import { CLONE_SERVICE_NAMESPACE } from "../../constructs/contract";
import { selectorLabels } from "../../constructs/shared/labels";

/** Those that ask the API server for something. */
export const ACCOUNTS = {
  /** Answers requests. */
  service: "clone-service",
  /** Makes, fills and restores clones. */
  worker: "clone-worker",
  /** Keeps pods ready for the next clones. */
  warmPool: "clone-warm-pool",
  /** Ends clones. */
  cleaner: "clone-cleaner",
} as const;

export type Account = keyof typeof ACCOUNTS;

/** Those that ask it for nothing, and have no rights. */
export const POWERLESS = {
  /** Holds the queue. */
  redis: "clone-redis",
  /** Brings the jobs table to the form that the others need. */
  schema: "clone-schema",
} as const;

/** Where a clone's WordPress listens. */
export const CLONE_PORT = 8080;

/** Where the service's own processes listen. */
export const PORTS = { http: 8000, metrics: 9090, redis: 6379, redisMetrics: 9121 } as const;

/** The pods of one of them, for the policies of other namespaces. */
export function podsOf(account: Account) {
  return { namespace: CLONE_SERVICE_NAMESPACE, labels: selectorLabels(ACCOUNTS[account]) };
}

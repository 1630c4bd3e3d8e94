/** The processes of the clone service: name of the workload, of its account, and of its pods by label. */
import { CLONE_SERVICE_NAMESPACE } from "../../constructs/contract";
import { selectorLabels } from "../../constructs/shared/labels";

export const ACCOUNTS = {
  /** Answers requests. */
  service: "clone-service",
  /** Makes, fills and restores clones. */
  worker: "clone-worker",
  /** Ends clones. */
  cleaner: "clone-cleaner",
} as const;

export type Account = keyof typeof ACCOUNTS;

/** Where a clone's WordPress listens. */
export const CLONE_PORT = 8080;

/** The pods of one of them, for the policies of other namespaces. */
export function podsOf(account: Account) {
  return { namespace: CLONE_SERVICE_NAMESPACE, labels: selectorLabels(ACCOUNTS[account]) };
}

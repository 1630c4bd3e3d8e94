/** What stands on a pod of the warm pool, for whoever reads it with kubectl: its state, and whose it is. */

/** On every pod of the pool, and on its Secret; the documents' label. */
export const POOL = { key: "pool-type", value: "warm" } as const;

/** The documents' label of a pod's state. */
export const STATUS_LABEL = "pool-status";

/**
 * The documents' states CREATING, WARM, ASSIGNED, READY and RESETTING, as the label has them. The documents select free pods
 * by `pool-type=warm,pool-status=ready`, so that WARM is `ready`, and READY, when a clone serves, is `serving`.
 */
export const POD_STATUSES = ["creating", "ready", "assigned", "serving", "resetting"] as const;
export type PodStatus = (typeof POD_STATUSES)[number];

/** Label: the job that has the pod. */
export const JOB_LABEL = "clones.betaweb.ai/job";

/**
 * Value of the clone's label on a pod that a job has claimed, until it is opened: the policies then let the workers reach
 * it, as they do every pod with that label, while no clone's Service selects it. No clone can be called so.
 */
export const UNOPENED = "unopened";

/** Annotations that only the service reads. */
export const POOL_ANNOTATIONS = {
  /** When the pod was claimed. */
  assignedAt: "clones.betaweb.ai/assigned-at",
  /** The clone that it was given to, and opens as. From then on it isn't as the pool made it. */
  clone: "clones.betaweb.ai/opens-as",
  /** The controller that resets it now. If that is gone, nobody knows how far it came. */
  resetBy: "clones.betaweb.ai/reset-by",
  /** Karpenter then leaves the node alone. */
  doNotDisrupt: "karpenter.sh/do-not-disrupt",
} as const;

/** ConfigMap that carries the pod's manifest from synthesis to the running controller. */
export const WARM_POD_TEMPLATE = { name: "warm-pod-template", key: "pod.json" } as const;

/** Stands in that manifest where the pod's name belongs. */
export const NAME_TOKEN = "__POD_NAME__";

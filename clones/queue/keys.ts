/** Where BullMQ keeps the queue in Redis: what KEDA and operators read. A test holds these against a live queue. */

export const QUEUE_NAME = "clone-jobs";

/** BullMQ's own beginning of every key. */
export const QUEUE_PREFIX = "bull";

const key = (state: string) => `${QUEUE_PREFIX}:${QUEUE_NAME}:${state}`;

export const QUEUE_KEYS = {
  /** List: ids that any worker may take. */
  wait: key("wait"),
  /** Sorted set: the same for jobs with a priority, of which we have none. */
  prioritized: key("prioritized"),
  /** List: ids that workers have. */
  active: key("active"),
  /** Sorted set, by time: ids that come back later. */
  delayed: key("delayed"),
} as const;

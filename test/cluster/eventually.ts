import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "./errors";

export interface EventuallyOptions {
  /** What is waited for, as it stands in the error: "3 ready pods of odoo". */
  readonly what: string;
  /** @default 30000 */
  readonly timeoutMs?: number;
  /** Between two tries. @default 100 */
  readonly intervalMs?: number;
}

const DEFAULTS = { timeoutMs: 30_000, intervalMs: 100 } as const;

/**
 * Calls `fn` until it neither throws nor answers `undefined` or `false`, and returns its answer. An `expect` inside of
 * it is simply tried again.
 *
 * @throws {ClusterError} with what the last try said, if it never did
 */
export async function eventually<T>(
  fn: () => T | Promise<T>,
  options: EventuallyOptions,
): Promise<Exclude<T, undefined | false>> {
  const { what, timeoutMs, intervalMs } = { ...DEFAULTS, ...options };
  const end = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      last = await fn();
      if (last !== undefined && last !== false) return last as Exclude<T, undefined | false>;
    } catch (error) {
      last = error;
    }
    await sleep(intervalMs);
  } while (Date.now() < end);
  throw new ClusterError({
    code: "CLUSTER_TIMEOUT",
    path: what,
    value: last instanceof Error ? last.name : last,
    reason: `it did not come about within ${timeoutMs / 1000} s${last instanceof Error ? `; last: ${last.message}` : ""}`,
    remedy: "Look at the cluster's events and logs, or give it more time",
  });
}

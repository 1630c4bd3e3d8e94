/** What the suites of stores have in common. */
import { randomBytes } from "node:crypto";
import type { JobStatus } from "../../../../clones/domain/job";
import { newJobId } from "../../../../clones/domain/job-id";
import type { ClaimedJob, NewJob, Outcome } from "../../../../clones/store/job-store";
import type { Store } from "../../../../clones/store/open";

export interface StoreUnderTest {
  readonly store: Store;
  /** As somebody who may do everything, past the store. */
  sql(statement: string): Promise<readonly any[]>;
}

/** A moment long ago, as both databases read it. */
export const PAST = "2020-01-01 00:00:00";

export const FAILURE = { code: "MIGRATION_FAILED", message: "The site did not answer." };

export const OUTCOMES: Readonly<Record<Outcome["status"], Outcome>> = {
  completed: { status: "completed", result: { clone_id: "clone-1" } },
  failed: { status: "failed", failure: FAILURE },
  cancelled: { status: "cancelled" },
};

export function newJob(more: Partial<NewJob> = {}): NewJob {
  return { id: newJobId(randomBytes), tenantId: "acme", type: "clone", request: { customer_id: "acme" }, ...more };
}

/** Short words for what every test does. */
export function benchOf(open: () => StoreUnderTest) {
  const jobs = () => open().store.jobs;
  const sql = (statement: string) => open().sql(statement);
  const create = async (more: Partial<NewJob> = {}) => (await jobs().create(newJob(more))).job;
  return {
    store: () => open().store,
    jobs,
    sql,
    create,
    /** A new job in the hands of `worker-1`. */
    claimed: async (more: Partial<NewJob> = {}): Promise<ClaimedJob> => {
      const { id } = await create(more);
      return (await jobs().claim(id, "worker-1"))!;
    },
    /** Its worker fell silent. */
    lapse: (id: string) => sql(`UPDATE jobs SET lease_until = '${PAST}' WHERE job_id = '${id}'`),
    rows: (table: string, id: string) => sql(`SELECT * FROM ${table} WHERE job_id = '${id}'`),
  };
}

export type EndStatus = Extract<JobStatus, "completed" | "failed" | "cancelled">;

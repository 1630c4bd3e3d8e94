/** Of each restore one job puts it back: who comes second is told so. */
import type { Tx } from "./database";
import { restorePutBack } from "./errors";
import { jobOf } from "./job-rows";

/**
 * Before the job's row is inserted, in the same transaction.
 *
 * @param restore id of the job that is to be put back
 * @throws {ServiceError} RESTORE_PUT_BACK; one that failed or was cancelled doesn't count
 */
export async function refuseSecondRollback(tx: Tx, restore: string): Promise<void> {
  // Nothing changes, but two that come at once wait for each other here.
  await tx
    .updateTable("jobs")
    .set((eb) => ({ updated_at: eb.ref("updated_at") }))
    .where("job_id", "=", restore)
    .execute();
  const rows = await tx
    .selectFrom("jobs")
    .selectAll()
    .where("tenant_id", "=", (eb) =>
      eb.selectFrom("jobs as own").select("own.tenant_id").where("own.job_id", "=", restore),
    )
    .where("seq", ">", (eb) => eb.selectFrom("jobs as own").select("own.seq").where("own.job_id", "=", restore))
    .where("type", "=", "restore")
    .where("status", "not in", ["failed", "cancelled"])
    // Databases keep JSON in different forms; an id is the same in all.
    .where("request_payload", "like", `%${restore}%`)
    .execute();
  const other = rows.map(jobOf).find(({ request }) => request.rollback_of === restore);
  if (other !== undefined) throw restorePutBack(other.status === "completed");
}

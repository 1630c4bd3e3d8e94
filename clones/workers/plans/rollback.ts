/** Puts a site back as it was before a restore, by what the restore saved there. */
import type { Job } from "../../domain/job";
import type { WorkerDeps } from "../engine/deps";
import { failureOf } from "../engine/failures";
import { JobPlan, StepContext, StepFailure } from "../engine/plan";
import { rollbackWishOf } from "./requests";

export function rollbackPlan(job: Job, { migrator }: Pick<WorkerDeps, "migrator">): JobPlan {
  const wishOf = ({ secrets }: StepContext) => rollbackWishOf(job.request, secrets);
  const assertKept = async (context: StepContext) => {
    const { restore, target } = wishOf(context);
    if (!(await migrator.canUndo(restore, target, context.signal))) throw gone(target.url);
  };
  return {
    steps: [
      {
        name: "check",
        share: 30,
        message: "Checking that the target can be reached and has what was saved",
        run: async (context) => {
          await migrator.check(wishOf(context).target, context.signal);
          await assertKept(context);
          return undefined;
        },
      },
      {
        name: "rollback",
        share: 50,
        message: "Putting back what the restore changed",
        run: async (context) => {
          const { restore, target } = wishOf(context);
          // Begun by an earlier attempt, it may have been done by that; otherwise doing nothing would look like it.
          if (context.earlier === undefined) await assertKept(context);
          await migrator.undoRestore(restore, target, context.signal);
          return undefined;
        },
      },
      {
        name: "verify",
        share: 20,
        message: "Checking that the target serves",
        run: async (context) => {
          await afterwards(async () => await migrator.check(wishOf(context).target, context.signal));
          return undefined;
        },
      },
    ],
    complete: (context) => {
      const { restore, target } = wishOf(context);
      const message = "The target is as it was before the restore";
      return Promise.resolve({ message, result: { target_url: target.url, rolled_back: restore } });
    },
  };
}

/** A job that fails now has done what was asked for all the same. */
async function afterwards(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message, retryable } = failureOf(error, "verify");
    const told = `${message} What the restore changed has been put back.`;
    throw new StepFailure(code, told, retryable, undefined, { cause: error });
  }
}

function gone(url: string): StepFailure {
  const message =
    `RESTORE_GONE target: got ${JSON.stringify(url)}; what was saved before the restore isn't kept there any more: ` +
    "it was put back already, another restore came since, or its 24 hours are over. Nothing was touched. " +
    "Take the host's own backup.";
  return new StepFailure("RESTORE_GONE", message, false);
}

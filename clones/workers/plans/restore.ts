/** Brings what a clone has back to a site: told beforehand, done at once, put back if it doesn't end well. */
import type { Job } from "../../domain/job";
import type { RestorePlan, RestoreRequest, SiteAccess } from "../../migration/site-migrator";
import type { WorkerDeps } from "../engine/deps";
import { JobPlan, StepContext, StepFailure } from "../engine/plan";
import { failureOf } from "../engine/failures";
import { restoreWishOf, RestoreWish } from "./requests";

/** How many conflicts a message names; the plan has all of them. */
const NAMED = 5;

export function restorePlan(job: Job, deps: Pick<WorkerDeps, "backend" | "migrator">): JobPlan {
  const { migrator } = deps;
  const wishOf = ({ secrets }: StepContext) => restoreWishOf(job.request, secrets);
  const requestOf = async (context: StepContext): Promise<RestoreRequest> => {
    const { target, scopes, force, source } = wishOf(context);
    const { report, signal } = context;
    return { jobId: job.id, source: await siteOf(source, context, deps), target, scopes, force, report, signal };
  };
  return {
    steps: [
      {
        name: "check",
        share: 10,
        message: "Checking that both sites can be reached",
        run: async (context) => {
          const { source, target } = await requestOf(context);
          await migrator.check(source, context.signal);
          await migrator.check(target, context.signal);
          return undefined;
        },
      },
      {
        name: "plan",
        share: 15,
        message: "Comparing the clone with the target",
        run: async (context) => {
          const plan = await migrator.plan(await requestOf(context));
          const { dryRun, force } = wishOf(context);
          if (plan.conflicts.length > 0 && !dryRun && !force) throw conflict(plan.conflicts);
          return { ...plan };
        },
      },
      {
        name: "restore",
        share: 65,
        message: "Saving the target, then changing it",
        skip: (context) => wishOf(context).dryRun,
        run: async (context) => {
          await surely(async () => await migrator.restore(await requestOf(context)));
          return undefined;
        },
        undo: async (context) => {
          const { target } = wishOf(context);
          await migrator.undoRestore(job.id, target, context.signal);
        },
      },
      {
        name: "verify",
        share: 10,
        message: "Checking that the target still serves",
        skip: (context) => wishOf(context).dryRun,
        run: async (context) => {
          await surely(async () => await migrator.check(wishOf(context).target, context.signal));
          return undefined;
        },
      },
    ],
    complete: (context) => {
      const plan = context.outputOf("plan") as unknown as RestorePlan;
      const { target, dryRun, scopes } = wishOf(context);
      const message = dryRun ? "Nothing was changed: it was a dry run" : "The target has what the clone had";
      return Promise.resolve({
        message,
        result: { target_url: target.url, dry_run: dryRun, scopes, ...plan },
      });
    },
  };
}

/** The clone by its own access, or a site by the caller's. */
async function siteOf(
  source: RestoreWish["source"],
  context: StepContext,
  { backend }: Pick<WorkerDeps, "backend">,
): Promise<SiteAccess> {
  if ("site" in source) return source.site;
  const clone = await backend.find(source.cloneId);
  if (clone === undefined || clone.ending) {
    const message = `CLONE_ENDED source.clone_id: got ${JSON.stringify(source.cloneId)}; it has ended, or there never was one.`;
    throw new StepFailure("CLONE_ENDED", message, false);
  }
  const { site, password } = await backend.access(clone);
  context.hide(site.password, site.apiKey, password);
  return { ...site, own: true };
}

/** A target that may be half changed must not stay so until another try: it is put back first. */
async function surely(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message, retryable } = failureOf(error, "restore");
    throw new StepFailure(code, message, retryable, "restore", { cause: error });
  }
}

function conflict(conflicts: readonly string[]): StepFailure {
  const named = conflicts.slice(0, NAMED).join("; ");
  const more = conflicts.length > NAMED ? ` and ${conflicts.length - NAMED} more` : "";
  const message =
    `RESTORE_CONFLICT target: got ${conflicts.length} conflicts: ${named}${more}; ` +
    "it changed since the clone was made. Nothing was touched. Ask again with force, or with other scopes.";
  return new StepFailure("RESTORE_CONFLICT", message, false);
}

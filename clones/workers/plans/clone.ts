/** Makes a clone of a site: from a warm pod if there is one, cold otherwise, and nobody can tell but by the clock. */
import type { Job } from "../../domain/job";
import { CopyOutcome, MigrationError } from "../../migration/site-migrator";
import type { BackendClone } from "../backend";
import type { WorkerDeps } from "../engine/deps";
import { BeginAgain, JobPlan, Step, StepContext, StepFailure } from "../engine/plan";
import { failureOf } from "../engine/failures";
import { cloneWishOf } from "./requests";

type CloneDeps = Pick<WorkerDeps, "backend" | "warmPods" | "migrator" | "log">;

/** Left by a warm pod that failed: the next try starts cold. */
const COLD = { cold: true } as const;

export function clonePlan(job: Job, deps: CloneDeps): JobPlan {
  // Of this process alone: no step's output is sealed, and a worker that takes over does without.
  const outcome: { loginUrl?: string } = {};
  const copied = ({ loginUrl }: CopyOutcome, { hide }: StepContext) => {
    hide(loginUrl);
    if (loginUrl !== undefined) outcome.loginUrl = loginUrl;
  };
  return {
    steps: [
      checkStep(job, deps),
      placeStep(job, deps),
      createStep(job, deps),
      copyStep(job, deps, copied),
      openStep(deps),
    ],
    complete: async (context) => {
      // Read anew: it may have been extended since.
      const clone = await livingClone(context, deps);
      const { username, password } = await deps.backend.access(clone);
      return {
        message: "The clone serves",
        result: { clone_id: clone.id, clone_url: clone.url, expires_at: clone.expiresAt.toISOString() },
        secrets: {
          username,
          password,
          ...(outcome.loginUrl === undefined ? {} : { login_url: outcome.loginUrl }),
        },
        ttlExpiresAt: clone.expiresAt,
      };
    },
  };
}

function checkStep(job: Job, { migrator }: CloneDeps): Step {
  return {
    name: "check",
    share: 5,
    message: "Checking that the source can be reached and read",
    run: async ({ secrets, signal }) => {
      await migrator.check(cloneWishOf(job.request, secrets).source, signal);
      return undefined;
    },
  };
}

/** A warm pod has a sidecar for its database (decision 7): whoever asks for another starts cold. */
function placeStep(job: Job, { warmPods, log }: CloneDeps): Step {
  return {
    name: "place",
    share: 5,
    message: "Looking for a place",
    run: async ({ secrets, earlier }) => {
      const { database = "sidecar", customerId } = cloneWishOf(job.request, secrets);
      if (warmPods === undefined || database !== "sidecar" || earlier?.output?.cold === true) return COLD;
      try {
        const warmPod = await warmPods.claim(job.id, customerId);
        return warmPod === undefined ? {} : { warmPod };
      } catch (error) {
        // A pool that can't be asked is as good as an empty one (WARM-06).
        log({ event: "warm.unavailable", level: "error", job_id: job.id, message: failureOf(error, "place").message });
        return {};
      }
    },
    undo: async (_, output) => {
      // Begun but not done, it may have a pod that nobody wrote down: the pool releases those of jobs without a clone.
      if (typeof output?.warmPod === "string") await warmPods?.release(output.warmPod);
    },
  };
}

function createStep(job: Job, { backend }: CloneDeps): Step {
  return {
    name: "create",
    share: 35,
    message: "Making the clone",
    run: async (context) => {
      const { customerId, ttlSeconds, database } = cloneWishOf(job.request, context.secrets);
      const warmPod = warmPodOf(context);
      const { id: jobId, tenantId } = job;
      const place = warmPod === undefined ? (database === undefined ? {} : { database }) : { warmPod };
      const request = { jobId, tenantId, customerId, ttlSeconds, ...place };
      const clone = await orCold(context, async () => await backend.create(request, context.signal));
      await context.setClone(clone.id);
      return { cloneId: clone.id };
    },
    stands: async (_, { cloneId }) => {
      const clone = await backend.find(String(cloneId));
      return clone !== undefined && !clone.ending;
    },
    undo: async ({ signal }) => {
      // By the job, not by what was written down: it may have been made without anybody hearing of it.
      const clone = await backend.findByJob(job.id);
      if (clone !== undefined) await backend.remove(clone.id, signal);
    },
  };
}

function copyStep(job: Job, deps: CloneDeps, copied: (outcome: CopyOutcome, context: StepContext) => void): Step {
  const { backend, migrator } = deps;
  return {
    name: "copy",
    share: 50,
    message: "Copying the site",
    run: async (context) => {
      const { source, anonymize } = cloneWishOf(job.request, context.secrets);
      const { report, signal } = context;
      const clone = await livingClone(context, deps);
      const { site, password } = await backend.access(clone);
      context.hide(site.password, site.apiKey, password);
      const target = { ...site, own: true };
      const request = { jobId: job.id, source, target, publicUrl: clone.url ?? target.url, anonymize, report, signal };
      await whileItServes(context, deps, clone, async () => copied(await migrator.copy(request), context));
      return undefined;
    },
  };
}

function openStep(deps: CloneDeps): Step {
  return {
    name: "open",
    share: 5,
    message: "Opening the clone to its visitors",
    run: async (context) => {
      const clone = await livingClone(context, deps);
      await whileItServes(context, deps, clone, async () => {
        const warmPod = warmPodOf(context);
        if (warmPod !== undefined) await deps.warmPods?.opened(warmPod);
        // A warm pod's clone is ready only now.
        const { ready, message = "it doesn't serve" } = await livingClone(context, deps);
        if (!ready) throw gone("CLONE_FAILED", clone.id, message);
      });
      return undefined;
    },
  };
}

function warmPodOf({ outputOf }: StepContext): string | undefined {
  const pod = outputOf("place")?.warmPod;
  return typeof pod === "string" ? pod : undefined;
}

/** @throws {StepFailure} if it ended meanwhile: another one can be made */
async function livingClone({ outputOf }: StepContext, { backend }: CloneDeps): Promise<BackendClone> {
  const id = String(outputOf("create")?.cloneId);
  const clone = await backend.find(id);
  if (clone === undefined || clone.ending) throw gone("CLONE_ENDED", id, "it ended before it was finished");
  return clone;
}

/** What fails because the clone broke isn't the source's fault: the clone is made anew, from a warm pod's at once. */
async function whileItServes(
  context: StepContext,
  { backend }: CloneDeps,
  { id }: BackendClone,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isFinal = error instanceof MigrationError && !error.retryable;
    const clone = isFinal || context.signal.aborted ? undefined : await backend.find(id);
    const serves = clone?.ready === true && !clone.ending;
    const isWarmsFault = warmPodOf(context) !== undefined && !isFinal && !(error instanceof MigrationError && serves);
    if (isWarmsFault) throw new BeginAgain("place", COLD, failureOf(error, "copy").message);
    if (isFinal || serves || context.signal.aborted) throw error;
    throw gone("CLONE_FAILED", id, clone?.message ?? failureOf(error, "copy").message);
  }
}

/** One more try without the pod, if there was one. */
async function orCold<T>(context: StepContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (warmPodOf(context) === undefined || context.signal.aborted) throw error;
    throw new BeginAgain("place", COLD, failureOf(error, "create").message);
  }
}

function gone(code: "CLONE_ENDED" | "CLONE_FAILED", id: string, reason: string): StepFailure {
  const message = `${code} clone: got ${JSON.stringify(id)}; ${reason}. Another one is made.`;
  return new StepFailure(code, message, true, "place");
}

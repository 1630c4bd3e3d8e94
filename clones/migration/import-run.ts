/** One import from its beginning to the swap, or what is left of it. */
import type { Clock } from "../provisioner/clock";
import { pipe } from "./archive-pipe";
import { siteError } from "./errors";
import { BeginAgain, ImportState, ImportWish, PluginApi } from "./plugin-api";
import type { Report } from "./site-migrator";

export interface ImportRun {
  readonly source: PluginApi;
  readonly target: PluginApi;
  readonly wish: ImportWish;
  readonly clock: Clock;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Looks once more before anything of the target changes; what it throws ends the run. @default nobody looks */
  readonly lastLook?: () => Promise<void>;
}

/** Of a step, what copying takes; the rest is for changing over and looking. */
const PIPE_SHARE = 0.85;

/** Milliseconds that a target may need to change over: anonymising a million users in slices of 20 s takes as long. */
const FINISH_LIMIT = 60 * 60 * 1000;

/** How often an archive is begun anew because the source changed under it. */
const AGAIN = 2;

const NOT_YET = new Set(["receiving", "received"]);

/**
 * Returns when the target has changed over.
 *
 * @throws {MigrationError} before that the target serves what it had
 */
export async function runImport(run: ImportRun): Promise<void> {
  const { target, wish, report, signal } = run;
  let state = await target.begin(wish, signal);
  for (let again = 0; !state.ended; again += 1) {
    try {
      state = await receive(run, state);
    } catch (error) {
      if (!(error instanceof BeginAgain)) throw error;
      if (again === AGAIN) throw changing(run.source);
      await target.rollback(wish.job, signal);
      state = await target.begin(wish, signal);
    }
  }
  if (NOT_YET.has(state.phase)) await run.lastLook?.();
  report(PIPE_SHARE, "Everything is there: changing over");
  await changeOver(run, state);
}

async function receive({ source, target, wish, clock, report, signal }: ImportRun, state: ImportState) {
  const { totals } = await source.status(signal);
  const { limits } = await target.status(signal);
  const share = (fraction: number, message: string) => report(fraction * PIPE_SHARE, message);
  const { job, scopes } = wish;
  const call = { source, target, job, scopes, totals, postBytes: limits.post_bytes, clock, report: share, signal };
  return await pipe(call, state);
}

async function changeOver({ target, wish, clock, signal }: ImportRun, state: ImportState): Promise<void> {
  const end = clock.now().getTime() + FINISH_LIMIT;
  while (state.phase !== "swapped") {
    signal.throwIfAborted();
    if (state.phase.startsWith("roll") || clock.now().getTime() > end) throw unfinished(target, state.phase);
    state = await target.finish(wish.job, signal);
  }
}

function unfinished({ base }: PluginApi, phase: string) {
  return siteError({
    code: "IMPORT_UNFINISHED",
    site: base,
    got: phase,
    reason: "it took everything, but didn't change over to it",
    remedy: "It serves what it had; ask again",
    retryable: true,
  });
}

function changing({ base }: PluginApi) {
  const reason = "its tables come and go while it is copied, such as by plugins that are installed";
  return siteError({ code: "SITE_CHANGING", site: base, reason, remedy: "Ask again later", retryable: true });
}

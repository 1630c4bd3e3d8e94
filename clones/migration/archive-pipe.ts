/** Pipes the archive of one site into another: nothing on disk, one request ahead, and from where it was cut off. */
import type { Clock } from "../provisioner/clock";
import { Batch, batchesOf, unitsOf } from "./archive-frames";
import { siteError } from "./errors";
import { pauseAfter } from "./patience";
import { BeginAgain, ImportState, OtherPlace, PluginApi, SiteStatus, TooLarge } from "./plugin-api";
import { MigrationError, Report, RestoreScope } from "./site-migrator";

export interface Pipe {
  readonly source: PluginApi;
  readonly target: PluginApi;
  readonly job: string;
  readonly scopes: readonly RestoreScope[];
  /** Estimates of the source: for those who wait. */
  readonly totals: SiteStatus["totals"];
  /** Bytes that the target takes at once. */
  readonly postBytes: number;
  readonly clock: Clock;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Bytes of one request: enough for any network, and three times as much is held at most. */
const BATCH = 4 * 1024 * 1024;
/** Of a target's limit, left for what else the request has. */
const MARGIN = 64 * 1024;
/** Where a target says that it takes less than this, it is tried nevertheless: frames aren't smaller. */
const SMALLEST = 64 * 1024;

/**
 * Returns when the target has all of it.
 *
 * @param state what the target has
 * @throws {MigrationError} retryable where the same job may go on later, from the same place
 * @throws {BeginAgain} where the source's tables came or went, so that another archive has to be begun
 */
export async function pipe(call: Pipe, state: ImportState): Promise<ImportState> {
  const { source, target, job, clock, signal } = call;
  let most = Math.max(SMALLEST, Math.min(BATCH, call.postBytes - MARGIN));
  let failures = 0;
  while (!state.ended) {
    let failure: unknown;
    try {
      await slice(call, state, most);
    } catch (error) {
      if (error instanceof Smaller) most = error.most;
      else if (error instanceof OtherPlace || isRetryable(error)) failure = error;
      else throw error;
    }
    const now = await target.state(job, signal);
    if (now === undefined) throw lost(target);
    const moved = now.next > state.next || now.ended;
    if (moved) failures = 0;
    if (now.ticket === null && now.next > 0 && !now.ended) throw new BeginAgain();
    // A slice that brings nothing, again and again, is as good as a site that fails.
    if (isRetryable(failure)) await pauseAfter(failure, failures, clock, signal);
    else if (!moved) await pauseAfter(stuck(source), failures, clock, signal);
    failures += 1;
    state = now;
  }
  return state;
}

/** As much as the source sends at once. */
async function slice(call: Pipe, state: ImportState, most: number): Promise<void> {
  const { source, target, job, scopes } = call;
  // Whoever leaves early leaves a stream behind, which would go on.
  const leaving = new AbortController();
  const signal = AbortSignal.any([call.signal, leaving.signal]);
  try {
    const { body } = await source.export(job, scopes, state.ticket, signal);
    const batches = batchesOf(unitsOf(body, state.next), most);
    for (let coming = batches.next(); ;) {
      const result = await coming;
      if (result.done === true) return;
      coming = batches.next();
      // Its failure is met in the next round, if there is one.
      coming.catch(() => undefined);
      const taken = await put(target, job, result.value, call.signal);
      tell(call, taken);
      // A slow target takes what it can within its time; the rest is sent anew.
      if (taken.next !== result.value.next) throw new OtherPlace();
    }
  } finally {
    leaving.abort();
  }
}

async function put(target: PluginApi, job: string, batch: Batch, signal: AbortSignal): Promise<ImportState> {
  try {
    return await target.put(job, batch.bytes, signal);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    if (batch.units > 1) throw new Smaller(Math.ceil(batch.bytes.length / 2));
    throw siteError({
      code: "SITE_POST_SIZE",
      site: target.base,
      got: batch.bytes.length,
      reason: "its web server takes no request of that many bytes",
      remedy: "Raise its limit, such as client_max_body_size of nginx, to 32 MB",
    });
  }
}

/** The target takes requests, but smaller ones. */
class Smaller extends Error {
  constructor(readonly most: number) {
    super("a request was too large");
  }
}

const MEGA = 1_000_000;

function tell({ report, totals }: Pipe, { totals: done, table }: ImportState): void {
  const bytes = Math.max(totals.bytes, done.bytes);
  const megabytes = `${Math.round(done.bytes / MEGA)} of ${Math.round(bytes / MEGA)} MB`;
  const isTables = done.files === 0 && (table ?? "") !== "";
  const [what, at, of] = isTables ? ["Table", done.tables, totals.tables] : ["File", done.files, totals.files];
  report(bytes === 0 ? 0 : done.bytes / bytes, `${what} ${at} of ${Math.max(at, of)}, ${megabytes}`);
}

function isRetryable(error: unknown): error is MigrationError {
  return error instanceof MigrationError && error.retryable;
}

function stuck({ base }: PluginApi): MigrationError {
  const reason = "it sends nothing more, though its archive has no end yet";
  const remedy = "Ask again later; look into the site's error log";
  return siteError({ code: "ARCHIVE_STREAM", site: base, reason, remedy, retryable: true });
}

function lost({ base }: PluginApi): MigrationError {
  const reason = "it has forgotten the import that was under way";
  const remedy = "Ask again: it begins anew";
  return siteError({ code: "IMPORT_LOST", site: base, reason, remedy, retryable: true });
}

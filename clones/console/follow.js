/** Follows a job to its end: by its stream while that works, by asking while it doesn't. */
import { call, Problem, request } from "./api.js";
import { backoff, EventReader, isOver, stepOf } from "./events.js";

/** Browsers open six connections to a host over HTTP/1.1; the calls need some. Further jobs are asked for. */
const MOST_STREAMS = 3;
/** Milliseconds without a sign of life after which a stream is dead: the API gives one each 15 seconds. */
const SILENCE = 40_000;
/** Milliseconds between two questions. */
const POLL = 2500;
/** How often in a row a stream may fail until the job is asked for instead, and how often that is done. */
const FAILURES = 3;
const POLLS = 8;

let streams = 0;

/**
 * Returns the job as it ended.
 *
 * @param {string} jobId
 * @param {{ onSteps?: (steps: object[]) => void, onJob?: (job: object) => void, signal: AbortSignal }} options
 * @throws {Problem} if it can't be asked for any more; whatever the signal's reason is
 */
export async function follow(jobId, { onSteps = () => undefined, onJob = () => undefined, signal }) {
  const progress = { last: 0, failures: 0 };
  for (;;) {
    signal.throwIfAborted();
    const isFull = streams >= MOST_STREAMS;
    const ended = isFull ? false : await stream(jobId, progress, onSteps, signal);
    if (ended || isFull || progress.failures >= FAILURES) {
      const job = await poll(jobId, ended || isFull ? 1 : POLLS, onJob, signal);
      if (job !== undefined) return job;
      progress.failures = 0;
      if (isFull) await pause(POLL, signal);
    } else await pause(backoff(progress.failures + 1, Math.random()), signal);
  }
}

/** @returns whether the job is over, and all was told */
async function stream(jobId, progress, onSteps, signal) {
  streams += 1;
  const alive = watchdog(signal);
  try {
    const response = await request(`/api/v2/jobs/${jobId}/events`, {
      headers: { accept: "text/event-stream", ...(progress.last > 0 && { "last-event-id": String(progress.last) }) },
      signal: alive.signal,
    });
    if (response.status === 204) return true;
    return await readAll(response.body, progress, onSteps, alive);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Problem && [401, 403, 404].includes(error.status)) throw error;
    progress.failures += 1;
    return false;
  } finally {
    alive.end();
    streams -= 1;
  }
}

async function readAll(body, progress, onSteps, alive) {
  const reader = new EventReader();
  const texts = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await texts.read();
    // It may end for reasons of its own: its reader comes back.
    if (done) return false;
    alive.beat();
    const events = reader.read(value);
    if (events.length === 0) continue;
    progress.last = events.at(-1).id;
    progress.failures = 0;
    onSteps(events.map(stepOf));
    if (events.some(({ type }) => type === "end")) return true;
  }
}

/** @returns the job, if it is over */
async function poll(jobId, times, onJob, signal) {
  for (let time = 0; time < times; time += 1) {
    if (time > 0) await pause(POLL, signal);
    try {
      const job = await call(`/api/v2/job-status/${jobId}`, { signal });
      onJob(job);
      if (isOver(job.status)) return job;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Problem && [401, 403, 404].includes(error.status)) throw error;
      await pause((error.retryAfter ?? 0) * 1000, signal);
    }
  }
  return undefined;
}

/** Ends with `outer`, or after so long a silence. */
function watchdog(outer) {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENCE);
  return {
    signal: AbortSignal.any([outer, silent.signal]),
    beat: () => {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENCE);
    },
    end: () => {
      clearTimeout(timer);
      silent.abort();
    },
  };
}

export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

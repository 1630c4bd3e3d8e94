/** A job's events: read from a stream as it comes, put together with what is known. Pure. */

const OVER = new Set(["completed", "failed", "cancelled"]);

export function isOver(status) {
  return OVER.has(status);
}

/** Server-Sent Events out of pieces of text that may be cut anywhere. Comments keep the line alive and are none. */
export class EventReader {
  #rest = "";

  /** @returns {{ id: number, type: string, data: string }[]} what the piece completed */
  read(piece) {
    const blocks = (this.#rest + piece).replaceAll("\r\n", "\n").split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.flatMap(eventOf);
  }
}

function eventOf(block) {
  const event = { id: 0, type: "message", data: [] };
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === "id") event.id = Number(value);
    if (name === "event") event.type = value;
    if (name === "data") event.data.push(value);
  }
  return event.data.length === 0 ? [] : [{ ...event, data: event.data.join("\n") }];
}

/** What a job's event tells, as a step of its log. */
export function stepOf({ id, data }) {
  const { status, progress, status_message: message, at } = JSON.parse(data);
  return { id, status, progress, message, at };
}

/** Both logs in one, in order, each step once: a stream that is resumed or opened twice may tell some again. */
export function mergeSteps(known, more) {
  const byId = new Map([...known, ...more].map((step) => [step.id, step]));
  return [...byId.values()].sort((one, other) => one.id - other.id);
}

/** Steps as lines to read: those that say the same one after the other are one, with the last's progress. */
export function linesOf(steps) {
  const lines = [];
  for (const step of steps) {
    const text = step.message ?? { pending: "Waiting for a worker", running: "Started" }[step.status] ?? step.status;
    const last = lines.at(-1);
    if (last?.text === text && last.status === step.status) Object.assign(last, { progress: step.progress });
    else lines.push({ text, status: step.status, progress: step.progress, at: step.at });
  }
  return lines;
}

/** The job as its newest step tells it. What is over stays so, and progress of an old step is no news. */
export function withStep(job, step) {
  if (isOver(job.status) || step.at < job.updated_at) return job;
  const { status, progress, message, at } = step;
  return { ...job, status, progress, status_message: message, updated_at: at };
}

/** Of two reports of one job the one to believe: the end, or else the later. */
export function newer(known, told) {
  if (known === undefined || isOver(told.status)) return told;
  return isOver(known.status) || told.updated_at < known.updated_at ? known : told;
}

/**
 * Milliseconds until another try to connect: doubled from a second to half a minute, spread so that pages which lost
 * the service together don't come back together.
 *
 * @param {number} random from 0 to 1
 */
export function backoff(failures, random) {
  return Math.min(30_000, 1000 * 2 ** (failures - 1)) * (0.75 + random / 2);
}

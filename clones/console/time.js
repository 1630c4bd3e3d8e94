/** Times by the service's clock, in words. Pure: whoever asks brings the time. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A Date header has whole seconds: on average it is half of one behind. */
const HALF_SECOND = 500;

/**
 * Milliseconds that the service's clock is ahead of ours, by one answer: its Date belongs to the middle of the way.
 *
 * @returns {number | undefined} nothing without a readable header
 */
export function offsetOf(dateHeader, sentAt, receivedAt) {
  const date = Date.parse(dateHeader ?? "");
  return Number.isNaN(date) ? undefined : date + HALF_SECOND - (sentAt + receivedAt) / 2;
}

/** `2 d 3 h`, `1 h 05 min`, `4 min 09 s`, `9 s`; `ended` when nothing is left. */
export function countdown(until, now) {
  if (until <= now) return "ended";
  const left = Math.max(1, Math.round((until - now) / SECOND)) * SECOND;
  if (left >= DAY) return `${Math.floor(left / DAY)} d ${Math.floor((left % DAY) / HOUR)} h`;
  if (left >= HOUR) return `${Math.floor(left / HOUR)} h ${two((left % HOUR) / MINUTE)} min`;
  if (left >= MINUTE) return `${Math.floor(left / MINUTE)} min ${two((left % MINUTE) / SECOND)} s`;
  return `${left / SECOND} s`;
}

/** How near the end is: `over`, `soon` (5 minutes and less) or `later`. */
export function nearness(until, now) {
  if (until <= now) return "over";
  return until - now <= 5 * MINUTE ? "soon" : "later";
}

/** `just now`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function ago(then, now) {
  const past = now - then;
  if (past < 10 * SECOND) return "just now";
  if (past < MINUTE) return `${Math.floor(past / SECOND)} s ago`;
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`;
  return `${Math.floor(past / DAY)} d ago`;
}

/** `30 minutes`, `4 hours`, `1 hour 30 minutes`, `2 days`. */
export function duration(minutes) {
  const parts = [
    [Math.floor(minutes / 1440), "day"],
    [Math.floor((minutes % 1440) / 60), "hour"],
    [minutes % 60, "minute"],
  ];
  const named = parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return named.join(" ") || "0 minutes";
}

/** In the reader's zone, with it: `21 Nov 2026, 15:33:53 UTC`. */
export function absolute(time, timeZone) {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    timeZone,
  }).format(time);
}

/** `15:33:53`, for lines of a log. */
export function clockTime(time, timeZone) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone }).format(
    time,
  );
}

function two(number) {
  return String(Math.floor(number)).padStart(2, "0");
}

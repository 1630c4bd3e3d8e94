/** Cron lines, as far as their spacing goes. */
import { CronExpressionParser } from "cron-parser";

/** Two years with a leap day between them show every gap that matters here. */
const FROM = new Date("2026-12-31T23:59:59Z");
const UNTIL = new Date("2029-01-01T00:00:00Z");

/**
 * Longest time, in seconds, between two runs of a five-field cron line, UTC. At least two runs in two years are assumed.
 * Every day that has runs has the same ones, so the days are walked, and not the runs: a line of every minute has a million.
 */
export function longestGapSeconds(cronLine: string): number {
  const times = timesOfDay(cronLine);
  const days = daysOf(cronLine);
  const [first = 0] = times;
  const last = times.at(-1) ?? first;
  const betweenDays = gaps(days).map((gap) => gap - last + first);
  return Math.max(...gaps(times), ...betweenDays);
}

function gaps(instants: readonly number[]): number[] {
  return instants.slice(1).map((instant, index) => instant - (instants[index] ?? instant));
}

/** In seconds since midnight, ascending. */
function timesOfDay(cronLine: string): readonly number[] {
  const { hour, minute } = CronExpressionParser.parse(cronLine).fields;
  const minutes = minute.values;
  return hour.values.flatMap((one) => minutes.map((other) => one * 3600 + other * 60)).sort((a, b) => a - b);
}

/** Midnights of the days with runs, in seconds. */
function daysOf(cronLine: string): readonly number[] {
  const [, , ...days] = cronLine.trim().split(/\s+/);
  const midnights = CronExpressionParser.parse(["0", "0", ...days].join(" "), {
    tz: "UTC",
    currentDate: FROM,
    endDate: UNTIL,
  });
  const found: number[] = [];
  while (midnights.hasNext()) found.push(midnights.next().getTime() / 1000);
  return found;
}

/** Cron lines, as far as their spacing goes. */
import { CronExpressionParser } from "cron-parser";

/** Two years with a leap day between them show every gap that matters here. */
const FROM = new Date("2026-12-31T23:59:59Z");
const UNTIL = new Date("2029-01-01T00:00:00Z");
const DAY_SECONDS = 86_400;

/**
 * Longest time, in seconds, between two runs of a five-field cron line, UTC. At least two runs in two years are assumed.
 * Every day that has runs has the same ones, so the days are walked, and not the runs: a line of every minute has a million.
 */
export function longestGapSeconds(cronLine: string): number {
  const times = timesOfDay(cronLine);
  const overNight = DAY_SECONDS - times.at(-1)! + times[0]!;
  const withinDay = times.slice(1).map((time, index) => time - times[index]!);
  const days = daysOf(cronLine);
  const betweenDays = days.slice(1).map((day, index) => day - days[index]! - DAY_SECONDS + overNight);
  return Math.max(...withinDay, ...betweenDays);
}

/** In seconds since midnight, ascending. */
function timesOfDay(cronLine: string): readonly number[] {
  const { hour, minute } = CronExpressionParser.parse(cronLine).fields;
  const minutes = minute.values.map(Number);
  return hour.values.flatMap((one) => minutes.map((other) => Number(one) * 3600 + other * 60)).sort((a, b) => a - b);
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

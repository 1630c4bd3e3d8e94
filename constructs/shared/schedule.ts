/** Cron lines, as far as their spacing goes. */
import { CronExpressionParser } from "cron-parser";

/** Two years with a leap day between them show every gap that matters here. */
const FROM = new Date("2027-01-01T00:00:00Z");
const UNTIL = new Date("2029-01-01T00:00:00Z");

/** Longest time, in seconds, between two runs of a five-field cron line, UTC. At least two runs in two years are assumed. */
export function longestGapSeconds(cronLine: string): number {
  const runs = CronExpressionParser.parse(cronLine, { tz: "UTC", currentDate: FROM, endDate: UNTIL });
  let previous = runs.next().getTime();
  let longest = 0;
  while (runs.hasNext()) {
    const next = runs.next().getTime();
    longest = Math.max(longest, next - previous);
    previous = next;
  }
  return longest / 1000;
}

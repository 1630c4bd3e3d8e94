/** Cron lines in plain words. */
import { inList } from "../words";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MACROS: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
};

/** `every day at 02:00 UTC`; a line with no short reading is given as it is. */
export function scheduleText(line: string, timeZone?: string): string {
  const zone = timeZone === undefined ? "in the control plane's time zone" : timeZone.replace(/^Etc\//, "");
  const words = inWords(MACROS[line.trim()] ?? line);
  return words === undefined ? `by cron line ${line} ${zone}` : `${words} ${zone}`;
}

function inWords(line: string): string | undefined {
  const [minute = "", hour = "", day = "", month = "", weekday = "", ...more] = line.trim().split(/\s+/);
  if (more.length > 0 || month !== "*") return undefined;
  const days = daysText(day, weekday);
  const time = timeText(minute, hour);
  if (days === undefined || time === undefined) return undefined;
  if (time.startsWith("at")) return `${days} ${time}`;
  return days === "every day" ? time : `${time}, ${days},`;
}

function timeText(minute: string, hour: string): string | undefined {
  const step = /^\*\/(\d+)$/;
  if (minute === "*" && hour === "*") return "every minute";
  if (hour === "*" && step.test(minute)) return `every ${step.exec(minute)?.[1]} minutes`;
  if (!/^\d+$/.test(minute)) return undefined;
  const past = minute.padStart(2, "0");
  if (hour === "*") return `every hour at :${past}`;
  if (step.test(hour)) return `every ${step.exec(hour)?.[1]} hours at :${past}`;
  if (!/^\d+(,\d+)*$/.test(hour)) return undefined;
  return `at ${inList(hour.split(",").map((each) => `${each.padStart(2, "0")}:${past}`))}`;
}

function daysText(day: string, weekday: string): string | undefined {
  if (day === "*" && weekday === "*") return "every day";
  if (day === "*") return weekdaysText(weekday);
  // Both at once mean either, which nobody expects: better the line itself.
  return weekday === "*" && /^\d+$/.test(day) ? `on day ${day} of every month` : undefined;
}

function weekdaysText(weekday: string): string | undefined {
  const span = weekday.split("-");
  const names = weekday.split(/[-,]/).map(dayName);
  if (names.some((name) => name === undefined)) return undefined;
  if (span.length === 1) return `every ${inList(names as string[])}`;
  return span.length === 2 && !weekday.includes(",") ? `${names[0]} to ${names[1]}` : undefined;
}

function dayName(text: string): string | undefined {
  if (/^[0-7]$/.test(text)) return DAYS[Number(text) % 7];
  return DAYS.find((name) => name.slice(0, 3).toUpperCase() === text.toUpperCase());
}

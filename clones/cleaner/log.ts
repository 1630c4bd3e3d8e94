import type { Clock } from "../provisioner/clock";

/** One thing that the cleaner did or couldn't do. */
export interface LogEntry {
  readonly event: string;
  readonly level?: "info" | "error";
  readonly clone?: string;
  readonly namespace?: string;
  readonly [field: string]: unknown;
}

export type Log = (entry: LogEntry) => void;

/** Each entry a line of JSON, with its time. */
export function jsonLog(clock: Clock, write: (line: string) => void): Log {
  return ({ level = "info", ...entry }) => {
    write(`${JSON.stringify({ time: clock.now().toISOString(), level, ...entry })}\n`);
  };
}

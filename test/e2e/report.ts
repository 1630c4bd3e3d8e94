/** `report/e2e.json`: what the last story came to, for other programs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Played } from "./story";

export interface StoryReport {
  /** ISO 8601. */
  readonly began: string;
  readonly seconds: number;
  readonly seed: number;
  readonly steps: readonly Played[];
}

export function writeReport(file: string, report: StoryReport): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

/** `report/pods.json`: what was measured, for other programs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { REPOSITORY } from "../../support/pulumi-project";
import type { ApiFigures } from "./api";
import type { CapacityFigures } from "./capacity";
import type { ImageFigures } from "./images";
import type { StoryFigures } from "./story";
import type { Taken } from "./usage";
import type { WarmthFigures } from "./warmth";

const FILE = join(REPOSITORY, "report", "pods.json");

/** Parts that weren't asked for are absent. */
export interface Figures {
  /** ISO 8601. */
  readonly began: string;
  /** From nothing to the last figure. */
  readonly seconds: number;
  /** Parts that failed, and why. */
  readonly failures: readonly string[];
  readonly images?: readonly ImageFigures[];
  readonly rest?: readonly Taken[];
  readonly warm?: WarmthFigures;
  readonly api?: ApiFigures;
  readonly capacity?: CapacityFigures;
  readonly story?: StoryFigures;
}

export function writeFigures(figures: Figures): void {
  const machine = { cores: availableParallelism(), model: cpus()[0]?.model, bytes: totalmem() };
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ machine, ...figures }, null, 2)}\n`);
}

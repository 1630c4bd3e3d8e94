/** The platform in real pods, by figures: its API, its components, its room for clones, warm against cold. */
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError } from "../../../constructs/shared/cli";
import { toStandardError } from "../../cluster/build/builder";
import type { Row } from "../main";
import { measureApi } from "./api";
import { measureCapacity } from "./capacity";
import { Figures, writeFigures } from "./figures";
import { measureImages } from "./images";
import { rowsOf } from "./rows";
import { Sampler } from "./sampler";
import { Stage } from "./stage";
import { playStory } from "./story";
import { measureWarmth } from "./warmth";

/** In the order in which they are measured. */
const PARTS = ["images", "rest", "warm", "api", "capacity", "story"] as const;
type Part = (typeof PARTS)[number];

/** PODS=api,rest asks for others; the story takes five minutes more. */
const USUAL: readonly Part[] = ["images", "rest", "warm", "api", "capacity"];

/** The metrics server has figures of everything, and nobody waits for anything any more. */
const SETTLE_MILLISECONDS = 10_000;
const REST_MILLISECONDS = 25_000;

export async function measurePods(): Promise<Row[]> {
  const asked = partsOf(process.env.PODS);
  const began = new Date();
  const stage = await Stage.set();
  try {
    await stage.open();
    const figures = await measure(stage, asked, began);
    writeFigures(figures);
    return rowsOf(figures);
  } finally {
    await stage.clear();
  }
}

async function measure(stage: Stage, asked: readonly Part[], began: Date): Promise<Figures> {
  const sampler = new Sampler(stage.cluster);
  const failures: string[] = [];
  const part = async <N extends Part>(name: N, play: () => Promise<Required<Figures>[N]>) => {
    if (!asked.includes(name)) return {};
    toStandardError(`Measuring: ${name} …`);
    try {
      return { [name]: await play() } as Partial<Pick<Figures, N>>;
    } catch (error) {
      // The others say something all the same.
      failures.push(`${name}: ${(error as Error).message}`);
      return {};
    }
  };
  const images = await part("images", () => measureImages(stage));
  const rest = await part("rest", async () => {
    await sleep(SETTLE_MILLISECONDS);
    return (await sampler.during(() => sleep(REST_MILLISECONDS))).taken;
  });
  const warm = await part("warm", () => measureWarmth(stage));
  const api = await part("api", () => measureApi(stage, sampler));
  const capacity = await part("capacity", () => measureCapacity(stage));
  const story = await part("story", () => playStory(stage, sampler));
  const seconds = Math.round((Date.now() - began.getTime()) / 1000);
  return { began: began.toISOString(), seconds, failures, ...images, ...rest, ...warm, ...api, ...capacity, ...story };
}

function partsOf(text: string | undefined): readonly Part[] {
  if (text === undefined || text === "") return USUAL;
  const names = text.split(",");
  const unknown = names.filter((name) => !PARTS.some((part) => part === name));
  if (unknown.length > 0) throw new UsageError(`PODS: no part ${unknown.join(", ")}. There are: ${PARTS.join(", ")}`);
  return PARTS.filter((part) => names.includes(part));
}

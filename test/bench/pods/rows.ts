/** The figures as rows of a table, for people. */
import { quantileOf } from "../load";
import type { Row } from "../main";
import type { ApiFigures } from "./api";
import type { Asked, CapacityFigures } from "./capacity";
import type { Figures } from "./figures";
import type { ImageFigures } from "./images";
import type { Answered } from "./latency";
import type { Taken } from "./usage";
import type { Made, WarmthFigures } from "./warmth";

/** Of the row of a part that couldn't be measured. */
export const FAILED = "failed";

const MIB = 2 ** 20;

export function rowsOf(figures: Figures): Row[] {
  const { images = [], warm, api, capacity } = figures;
  return [
    ...images.map(imageRow),
    ...(api === undefined ? [] : apiRows(api)),
    ...(warm === undefined ? [] : warmthRows(warm)),
    ...(capacity === undefined ? [] : capacityRows(capacity)),
    ...usageRows(figures),
    ...figures.failures.map((failure): Row => [FAILED, failure]),
    ["all of it, from nothing", `${figures.seconds} s`],
  ];
}

function imageRow({ name, bytes, seconds }: ImageFigures): Row {
  const [first = 0, last = 0] = [seconds[0], seconds.at(-1)];
  const times = first === last ? `${first} s` : `${first} to ${last} s`;
  const started = seconds.length === 0 ? "nobody runs it" : `ready ${times} after its start`;
  return [`image ${name}`, `${(bytes / 1e6).toFixed(0)} MB, ${started}`];
}

function apiRows({ rest, busy, asked, seconds, failures }: ApiFigures): Row[] {
  const questions = rest.map((calm): Row => {
    const other = busy.find(({ name }) => name === calm.name);
    if (other === undefined) return [calm.name, answerText(calm)];
    const text = [
      `at rest ${answerText(calm)}`,
      `while ten clones are made ${answerText(other)}`,
      `that is ${ratio(other.p50, calm.p50)} and ${ratio(other.p99, calm.p99)} times`,
    ];
    return [`${calm.name}, p50 / p99`, text.join("; ")];
  });
  const all = asked.length;
  const made = [
    `${seconds.length} of ${all} completed`,
    ...(seconds.length > 0
      ? [`the first after ${secondsText(seconds[0]!)}, the last after ${secondsText(seconds.at(-1)!)}`]
      : []),
    ...(failures.length > 0 ? [`the first that failed: ${failures[0]!}`] : []),
  ];
  return [
    ...questions,
    [
      "the ten POST /api/v2/clone themselves, at once",
      `p50 ${millis(quantileOf(asked, 0.5))}, longest ${millis(asked.at(-1)!)}`,
    ],
    ["ten clones asked for at once", made.join("; ")],
  ];
}

function warmthRows({ warm, sidecar, shared }: WarmthFigures): Row[] {
  const best = (made: readonly Made[], until: keyof Made) => Math.min(...made.map((one) => one[until]));
  const text = (made: readonly Made[]) =>
    made.map(({ serves, completed }) => `${secondsText(serves)} / ${secondsText(completed)}`).join(", ");
  const against = (made: readonly Made[]) => {
    const times = (["serves", "completed"] as const).map((until) => ratio(best(made, until), best(warm, until)));
    return `${text(made)}: ${times.join(" and ")} times a warm one`;
  };
  return [
    ["a warm clone, from the request until its WordPress serves / the site is copied", text(warm)],
    ["a cold one with its own MySQL", against(sidecar)],
    ["a cold one on the shared MySQL", against(shared)],
  ];
}

function capacityRows({ capped, uncapped, computed }: CapacityFigures): Row[] {
  return [
    ...(capped === undefined ? [] : [askedRow("with the story's cap on CPU requests", capped)]),
    askedRow("without it, beside a platform that keeps it", uncapped),
    ...computed.map(({ node, allocatable, daemonSets, clone, clonesPerNode }): Row => {
      const left = `${allocatable.cpu - daemonSets.cpu}m and ${allocatable.memory - daemonSets.memory}Mi`;
      return [`computed for ${node}`, `${clonesPerNode} clones of ${clone.cpu}m and ${clone.memory}Mi in ${left}`];
    }),
  ];
}

function askedRow(
  how: string,
  { clone, allocatable, taken, expected, asked, placed, ready, seconds, refusal }: Asked,
): Row {
  const text = [
    `${placed} of ${asked} placed (${expected.count} by the sum, ${expected.by} runs out)`,
    `each asks for ${clone.cpu}m and ${clone.memory}Mi, and others have ${taken.cpu}m of ${allocatable.cpu}m and ` +
      `${Math.round(taken.memory)}Mi of ${Math.round(allocatable.memory)}Mi`,
    `${ready} ready within ${seconds.toFixed(0)} s`,
    ...(refusal === undefined ? [] : [`of the others the scheduler says: ${refusal.split(". ")[0]!}`]),
  ];
  return [`clones at once on this node, ${how}`, text.join("; ")];
}

/** One row for each component: at rest, while ten clones are made, in the story. */
function usageRows({ rest, api, story }: Figures): Row[] {
  const phases = Object.entries({ "at rest": rest, "ten clones": api?.taken, story: story?.taken }).flatMap(
    ([name, taken]) => (taken === undefined ? [] : [{ name, taken }]),
  );
  const components = new Set(phases.flatMap(({ taken }) => taken.map(({ component }) => component)));
  return [...components].sort().map((component): Row => {
    const text = phases.flatMap(({ name, taken }) => {
      const found = taken.find((one) => one.component === component);
      return found === undefined ? [] : [`${name} ${takenText(found)}`];
    });
    return [`memory and CPU of ${component}`, text.join("; ")];
  });
}

function takenText({ pods, meanCores, mostCores, mostBytes }: Taken): string {
  const where = pods > 1 ? ` in ${pods} pods` : "";
  return `${Math.round(mostBytes / MIB)} MiB${where}, ${cpu(meanCores)} (at most ${cpu(mostCores)})`;
}

function answerText({ sent, p50, p99, most, errors }: Answered): string {
  const failed = Object.entries(errors).map(([what, count]) => `${count} ${what}`);
  return `${millis(p50)} / ${millis(p99)}, longest ${millis(most)}, ${failed.length > 0 ? failed.join(" and ") : "no errors"} of ${sent}`;
}

function ratio(one: number, other: number): string {
  return (one / other).toFixed(1);
}

function cpu(cores: number): string {
  return `${Math.round(cores * 1000)}m`;
}

function millis(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

function secondsText(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

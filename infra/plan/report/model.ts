/** What the report says, as data: the page only sets it. */
import type { Plan } from "../model";
import type { Judged } from "../requirements/judge";
import { differencesOf, FieldDifference, fieldDifferences, ObjectDifference } from "./facts/differences";
import { GlanceRow, glanceOf } from "./facts/glance";
import { PlanDifferences, planDifferences } from "./facts/plan-differences";
import { factsOf, StackFacts } from "./facts/stack";
import type { ManifestFile } from "./manifests";
import { Network, networkOf } from "./network/network";

/** One stack, as synthesized and planned. */
export interface StackInput {
  readonly stack: string;
  readonly files: readonly ManifestFile[];
  readonly plan: Plan;
  /** Every setting, defaults filled in. @default none known */
  readonly settings?: unknown;
}

export interface StackReport extends StackInput {
  readonly facts: StackFacts;
  readonly network: Network;
}

export interface Report {
  readonly stacks: readonly StackReport[];
  readonly glance: readonly GlanceRow[];
  readonly differences: readonly ObjectDifference[];
  readonly settings: readonly FieldDifference[];
  /** Absent where there are not two plans to compare. */
  readonly planDifferences?: PlanDifferences;
  readonly requirements: readonly Judged[];
}

/** @throws {InvalidInputError} naming every NetworkPolicy whose meaning could only be guessed */
export function reportOf(inputs: readonly StackInput[], requirements: readonly Judged[] = []): Report {
  const stacks = inputs.map((input): StackReport => {
    const objects = objectsOf(input);
    return { ...input, facts: factsOf(objects), network: networkOf(objects) };
  });
  const [one, other] = inputs.map(({ plan }) => plan);
  return {
    stacks,
    glance: glanceOf(stacks.map(({ facts }) => facts)),
    differences: differencesOf(inputs.map(objectsOf)),
    settings: fieldDifferences(inputs.map(({ settings = {} }) => settings)),
    requirements,
    ...(one && other && { planDifferences: planDifferences(one, other) }),
  };
}

export function objectsOf({ files }: StackInput) {
  return files.flatMap(({ objects }) => objects);
}

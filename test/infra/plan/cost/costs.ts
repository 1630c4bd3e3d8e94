/** Plans and costs of both stacks, and what tests ask of them. */
import { InvalidInputError, Problem } from "../../../../constructs/shared/problems";
import { Stack, STACKS } from "../../../../constructs/settings";
import { costOf } from "../../../../infra/plan/cost/cost";
import type { CostLine, StackCost } from "../../../../infra/plan/cost/model";
import type { Plan } from "../../../../infra/plan/model";
import { planStack } from "../../../../infra/plan/plan";
import { readManifests } from "../../../../infra/plan/report/manifests";
import { REPOSITORY } from "../../../support/pulumi-project";

/** Filled by {@link planBoth}. */
export const plans = {} as Record<Stack, Plan>;
export const costs = {} as Record<Stack, StackCost>;

export async function planBoth(): Promise<void> {
  for (const stack of STACKS) {
    plans[stack] = await planStack(stack, REPOSITORY, "aws");
    costs[stack] = costOf(plans[stack])!;
  }
}

export function lineOf({ lines }: StackCost, id: string): CostLine {
  const line = lines.find((each) => each.id === id);
  if (line === undefined) throw new Error(`no line ${id}`);
  return line;
}

/** `plan` with other inputs of the resource `name`. */
export function changed(plan: Plan, name: string, inputs: object): Plan {
  if (!plan.resources.some((each) => each.name === name)) throw new Error(`no resource ${name}`);
  const changeOf = (each: Plan["resources"][number]) => ({ ...each, inputs: { ...each.inputs, ...inputs } });
  return { ...plan, resources: plan.resources.map((each) => (each.name === name ? changeOf(each) : each)) };
}

/** Ids of lines that are in one alone, or differ; sorted. */
export function differing(one: StackCost, other: StackCost): string[] {
  const byId = ({ lines }: StackCost) => new Map(lines.map(({ id, usd, quantity }) => [id, `${usd} ${quantity}`]));
  const [before, after] = [byId(one), byId(other)];
  return [...new Set([...before.keys(), ...after.keys()])].filter((id) => before.get(id) !== after.get(id)).sort();
}

export function manifestsOf(stack: Stack) {
  return readManifests(`${REPOSITORY}/dist/${stack}`).flatMap(({ objects }) => objects);
}

export function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  return [];
}

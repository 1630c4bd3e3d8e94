/** The costs of several stacks, for whoever shows plans: a stack without a known price gets a notice in the place of a sum. */
import { InvalidInputError } from "../../../constructs/shared/problems";
import type { Plan } from "../model";
import type { KubernetesObject } from "../report/kubernetes";
import { costOf } from "./cost";
import { StackCost } from "./model";
import { renderCost } from "./render";

export interface CostView {
  /** Neither this nor a notice where nothing is made in AWS. */
  readonly cost?: StackCost;
  /** Why there is no sum, a line for each problem. */
  readonly notice?: string;
}

/** @param region whose prices are taken; that of the stack where none is given */
export function costView(plan: Plan, manifests: readonly KubernetesObject[], region?: string): CostView {
  try {
    const cost = costOf(plan, { manifests, ...(region !== undefined && { region }) });
    return cost === undefined ? {} : { cost };
  } catch (error) {
    if (error instanceof InvalidInputError) return { notice: error.message };
    throw error;
  }
}

/** The sum and the largest lines below a plan, or every line where they are all that is asked for. */
export function renderView(stack: string, { cost, notice }: CostView, all = false): string {
  if (cost !== undefined) return renderCost(cost, all);
  return notice === undefined
    ? `${stack} makes nothing in AWS, and costs nothing there.\n`
    : `Cost of ${stack}: not known.\n${notice}\n`;
}

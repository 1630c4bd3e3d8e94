/** Holds a plan to the rules that Pulumi runs beside a preview and an update (infra/policy). */
import { InvalidInputError } from "../../constructs/shared/problems";
import { judge, Violation } from "../policy/judge";
import { RULES } from "../policy/rules";
import type { Plan } from "./model";

/** What the rules have against a plan, in the order of the rules. */
export function violationsOf({ resources }: Plan): Violation[] {
  const subjects = resources.map(({ inputs, sources = {}, ...rest }) => ({ ...rest, props: inputs, sources }));
  return judge(RULES, subjects);
}

/**
 * Says what is wrong with plans that were shown, and gives the exit code.
 *
 * @param tell gets a line for each violation
 */
export function judgePlans(plans: readonly Plan[], tell: (text: string) => void = console.error): 0 | 1 {
  const violations = plans.flatMap(violationsOf);
  if (violations.length === 0) return 0;
  tell(new InvalidInputError(violations).message);
  return 1;
}

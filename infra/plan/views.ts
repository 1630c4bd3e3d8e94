/** What `npm run plan` shows of the stacks' plans, as text. */
import { readSettings } from "../../constructs/settings";
import type { Plan } from "./model";
import { boundsOf, OFFLINE } from "./offline";
import { renderPlan, View } from "./render";
import { fieldDifferences } from "./report/facts/differences";
import { planDifferences } from "./report/facts/plan-differences";
import { rolesOf } from "./report/iam/roles";
import { differenceLines } from "./terminal/difference";
import { roleLines } from "./terminal/iam";
import { Paint, PLAIN } from "./terminal/paint";

/** Each plan as a tree. */
export function renderTrees(plans: readonly Plan[], view: View): string {
  return plans.map((plan) => renderPlan(plan, view)).join("\n");
}

/**
 * Where the stacks differ: settings first, because everything else follows from them.
 *
 * @param root folder with the stack files
 */
export function renderDifference([one, other]: readonly Plan[], root: string, paint: Paint = PLAIN): string {
  if (one === undefined || other === undefined) throw new Error("a difference needs two plans");
  const settings = fieldDifferences([one, other].map(({ stack }) => readSettings(stack, root)));
  return `${[...differenceLines(settings, planDifferences(one, other), paint), "", OFFLINE].join("\n")}\n`;
}

/** Every IAM role of each plan: who may take it, and what it may do. */
export function renderRoles(plans: readonly Plan[], paint: Paint = PLAIN): string {
  return plans.map((plan) => renderRolesOf(plan, paint)).join("\n");
}

function renderRolesOf(plan: Plan, paint: Paint): string {
  const roles = rolesOf(plan);
  const marked = roles.flatMap(({ rights }) => rights).filter(({ onAnything }) => onAnything);
  return [
    paint.title(`${plan.project} · ${plan.stack}: ${roles.length} IAM roles, ${marked.length} statements on anything`),
    "",
    ...roleLines(roles, paint),
    OFFLINE,
    ...boundsOf(plan),
    "",
  ].join("\n");
}

/** What `npm run plan` shows of the stacks' plans, as text. */
import { join } from "node:path";
import { readSettings } from "../../constructs/settings";
import { CostView, costView, renderView } from "./cost/view";
import type { Plan } from "./model";
import { boundsOf, OFFLINE } from "./offline";
import { renderPlan, View } from "./render";
import { fieldDifferences } from "./report/facts/differences";
import { planDifferences } from "./report/facts/plan-differences";
import { rolesOf } from "./report/iam/roles";
import { readManifests } from "./report/manifests";
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

export interface CostRequest {
  /** Whose prices are taken. @default that of each stack */
  readonly prices?: string;
  /** Every line, with its source. @default the largest lines */
  readonly all?: boolean;
}

/**
 * What each plan costs a month.
 *
 * @param root folder with `dist/`
 */
export function renderCosts(plans: readonly Plan[], root: string, { prices, all }: CostRequest = {}): string {
  return plans.map((plan) => renderView(plan.stack, costFor(plan, root, prices), all)).join("\n");
}

/** The plans as data, with their cost, or with why there is none. */
export function withCosts(plans: readonly Plan[], root: string, prices?: string): (Plan & CostView)[] {
  return plans.map((plan) => ({ ...plan, ...costFor(plan, root, prices) }));
}

function costFor(plan: Plan, root: string, prices?: string): CostView {
  const manifests = readManifests(join(root, "dist", plan.stack)).flatMap(({ objects }) => objects);
  return costView(plan, manifests, prices);
}

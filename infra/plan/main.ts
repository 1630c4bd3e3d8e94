/**
 * Shows what the program would make, without Pulumi and without a cluster.
 *
 *   npm run plan                       both stacks as trees of their components, with what each holds, counted
 *   npm run plan -- --depth 2          the same, two levels of it, resource by resource; "all" for all of them
 *   npm run plan -- --only Bucket      what has that in its name or type, with all it is in and all it has
 *   npm run plan -- --diff             where the stacks differ: settings, resources, inputs
 *   npm run plan -- --iam              who may do what at AWS, role by role
 *   npm run plan -- --cost             what each stack costs a month: every line with its price and source (docs/cost.md)
 *   npm run plan -- --prices us-east-1 the cost by the prices of that region, and not of the stack's
 *   npm run plan -- --stack staging    one of them
 *   npm run plan -- --target local     what is applied to the cluster that KUBECONFIG names, and not as the stack says
 *   npm run plan -- --json             the same as data (infra/plan/model.ts)
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Stack, STACKS } from "../../constructs/settings";
import { runCommand, UsageError } from "../../constructs/shared/cli";
import { REGIONS } from "./cost/prices";
import type { Plan } from "./model";
import { planStack } from "./plan";
import { judgePlans } from "./policies";
import type { View } from "./render";
import { paintFor } from "./terminal/paint";
import { renderCosts, renderDifference, renderRoles, renderTrees, withCosts } from "./views";

const TARGETS = ["aws", "local"] as const;

const USAGE =
  `Usage: npm run plan [-- [--stack ${STACKS.join("|")}] [--target ${TARGETS.join("|")}] [--depth N|all] [--only TEXT] ` +
  `[--prices ${REGIONS.join("|")}] [--diff | --iam | --cost | --json]]`;

const ROOT = join(__dirname, "..", "..");

interface Request {
  readonly stacks: readonly Stack[];
  readonly target?: (typeof TARGETS)[number];
  readonly show: "trees" | "diff" | "iam" | "cost" | "json";
  readonly view: View;
  /** Region whose prices are taken, and not those of the stack's. */
  readonly prices?: string;
}

/**
 * @param args what stands after the command
 * @param out gets what is shown
 * @param makePlan of one stack; where many commands are asked of the same settings, one that remembers
 * @throws UsageError if the arguments contradict each other
 */
export async function main(
  args: string[],
  out: Pick<NodeJS.WriteStream, "write" | "isTTY">,
  makePlan = planStack,
): Promise<number> {
  const { stacks, target, show, view, prices } = readArguments(args);
  const request = prices === undefined ? {} : { prices };
  const paint = paintFor(out);
  const plans: Plan[] = [];
  for (const stack of stacks) plans.push(await makePlan(stack, ROOT, target));
  const shown = {
    trees: () =>
      renderTrees(plans, { ...view, paint }) +
      (view.only === undefined ? `\n${renderCosts(plans, ROOT, request)}` : ""),
    diff: () => renderDifference(plans, ROOT, paint),
    iam: () => renderRoles(plans, paint),
    cost: () => renderCosts(plans, ROOT, { ...request, all: true }),
    json: () => `${JSON.stringify(withCosts(plans, ROOT, prices), null, 2)}\n`,
  };
  out.write(shown[show]());
  return judgePlans(plans);
}

function readArguments(args: string[]): Request {
  const { stack, target: asked, depth, only, prices, ...switches } = parsed(args);
  const known = STACKS.find((name) => name === stack);
  if (stack !== undefined && known === undefined) throw refusal(`There is no stack ${stack}.`);
  const target = TARGETS.find((name) => name === asked);
  if (asked !== undefined && target === undefined) throw refusal(`There is no target ${asked}.`);
  const [show = "trees", ...others] = (["diff", "iam", "cost", "json"] as const).filter((name) => switches[name]);
  if (others.length > 0) throw refusal(`--${show} and --${others.join(", --")} are different things to show.`);
  if (show === "diff" && known !== undefined) throw refusal("A difference is one between both stacks.");
  if (show !== "trees" && (depth !== undefined || only !== undefined))
    throw refusal("--depth and --only are for trees.");
  const region = REGIONS.find((each) => each === prices);
  if (prices !== undefined && region === undefined) throw refusal(`There are no prices of ${prices}.`);
  const stacks = known === undefined ? STACKS : [known];
  return { ...(target && { target }), stacks, show, view: viewOf(depth, only), ...(region && { prices: region }) };
}

function viewOf(depth: string | undefined, only: string | undefined): View {
  if (depth !== undefined && depth !== "all" && !/^[1-9]\d?$/.test(depth)) {
    throw refusal(`--depth ${depth} is no number of levels.`);
  }
  if (only === "") throw refusal("--only needs a part of a name or of a type.");
  // Who asks for some of it wants to see that, not how much there is of it.
  const levels = depth === "all" || (depth === undefined && only !== undefined) ? Infinity : Number(depth);
  return { ...(!Number.isNaN(levels) && { depth: levels }), ...(only !== undefined && { only }) };
}

function refusal(reason: string): UsageError {
  return new UsageError(`${reason}\n${USAGE}`);
}

function parsed(args: string[]) {
  try {
    const options = {
      stack: { type: "string" },
      target: { type: "string" },
      depth: { type: "string" },
      only: { type: "string" },
      prices: { type: "string" },
      diff: { type: "boolean", default: false },
      iam: { type: "boolean", default: false },
      cost: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw refusal((error as Error).message);
  }
}

if (require.main === module) runCommand(() => main(process.argv.slice(2), process.stdout));

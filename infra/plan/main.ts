/**
 * Shows what the program would make, without Pulumi and without a cluster.
 *
 *   npm run plan                       both stacks, as trees
 *   npm run plan -- --stack staging    one of them
 *   npm run plan -- --target local     not as the stack says: to the cluster that KUBECONFIG names
 *   npm run plan -- --json             the same as data (infra/plan/model.ts)
 */
import { parseArgs } from "node:util";
import { Stack, STACKS } from "../../constructs/settings";
import { runCommand, UsageError } from "../../constructs/shared/cli";
import type { Plan } from "./model";
import { planStack } from "./plan";
import { renderPlan } from "./render";

const TARGETS = ["aws", "local"] as const;

const USAGE = `Usage: npm run plan [-- [--stack ${STACKS.join("|")}] [--target ${TARGETS.join("|")}] [--json]]`;

async function main(): Promise<number> {
  const { stacks, target, json } = readArguments();
  const plans: Plan[] = [];
  for (const stack of stacks) plans.push(await planStack(stack, undefined, target));
  process.stdout.write(json ? `${JSON.stringify(plans, null, 2)}\n` : plans.map(renderPlan).join("\n"));
  return 0;
}

function readArguments(): { stacks: readonly Stack[]; target?: (typeof TARGETS)[number]; json: boolean } {
  const { stack, target: asked, json } = parsed();
  const known = STACKS.find((name) => name === stack);
  if (stack !== undefined && known === undefined) throw new UsageError(`There is no stack ${stack}.\n${USAGE}`);
  const target = TARGETS.find((name) => name === asked);
  if (asked !== undefined && target === undefined) throw new UsageError(`There is no target ${asked}.\n${USAGE}`);
  return { ...(target && { target }), stacks: known === undefined ? STACKS : [known], json };
}

function parsed(): { stack?: string; target?: string; json: boolean } {
  try {
    const options = {
      stack: { type: "string" },
      target: { type: "string" },
      json: { type: "boolean", default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}

if (require.main === module) runCommand(main);

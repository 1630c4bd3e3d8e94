/** What a plan is made from, and what it therefore can't know: said wherever one is shown. */
import { Plan, STAND_INS } from "./model";
import { inList } from "./report/words";

export const OFFLINE = "Made offline: neither AWS nor a cluster was contacted, and no state was read.";

/** What {@link OFFLINE} means for a reader, and what stands for what. */
export function boundsOf(plan: Plan): string[] {
  return [
    "It is what the program registers for an empty state, so it says nothing of what runs now. What AWS, a chart or @pulumi/eks " +
      "makes within a resource is in no plan, nor are values that only a run can know, such as passwords.",
    ...standInSentences(plan),
  ];
}

/** One sentence, or none where the stack's file names all of it. */
export function standInSentences({ stack, standIns = {} }: Plan): string[] {
  const names = Object.keys(STAND_INS).filter((name) => name in standIns) as (keyof typeof STAND_INS)[];
  if (names.length === 0) return [];
  const given = names.map((name) => `${name} ${standIns[name] ?? ""}`);
  const settings = names.map((name) => `aws.${name}`);
  return [`Stand-ins, as Pulumi.${stack}.yaml names no others: ${inList(given)}. Set ${inList(settings)} there.`];
}

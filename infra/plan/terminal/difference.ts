/** Where two stacks differ, as lines of text. */
import type { FieldDifference } from "../report/facts/differences";
import type { PlanDifferences } from "../report/facts/plan-differences";
import { counted } from "../report/words";
import type { PlannedResource } from "../model";
import type { Paint } from "./paint";

/** Beyond this a value is shortened: the report has it whole. */
const MAX_VALUE = 72;

/**
 * @param settings of both stacks, where they differ
 * @param differences between their plans
 */
export function differenceLines(
  settings: readonly FieldDifference[],
  differences: PlanDifferences,
  paint: Paint,
): string[] {
  const { stacks, only, changed, renamed, same } = differences;
  const fields = changed.reduce((sum, each) => sum + each.fields.length, 0);
  const absent = stacks.map((stack, at) => `${only[at]?.length ?? 0} only in ${stack}`).join(", ");
  return [
    paint.title(`${stacks[0]} → ${stacks[1]}`),
    `${absent}; ${counted(changed.length, "resource")} in both with ${counted(fields, "different input")}, ` +
      `${renamed} that differ by the stack's name alone, ${same} the same.`,
    "",
    paint.title(`Settings: ${settings.length}`),
    ...settings.map((field) => fieldLine(field, paint)),
    ...stacks.flatMap((stack, at) => onlyLines(stack, only[at] ?? [], paint)),
    "",
    paint.title(`In both, with other inputs: ${changed.length}`),
    ...changed.flatMap(({ resource, fields: own }) => [
      `  ${resource.path}  ${paint.soft(resource.type)}`,
      ...own.map((field) => `  ${fieldLine(field, paint)}`),
    ]),
  ];
}

function onlyLines(stack: string, resources: readonly PlannedResource[], paint: Paint): string[] {
  const lines = resources.map(({ path, type }) => `  ${path}  ${paint.soft(type)}`);
  return ["", paint.title(`Only in ${stack}: ${resources.length}`), ...lines];
}

function fieldLine({ path, values }: FieldDifference, paint: Paint): string {
  return `  ${path}: ${values.map(valueText).join(paint.mark(" → "))}`;
}

function valueText(value: string | undefined): string {
  if (value === undefined) return "–";
  const lines = value.split("\n").length;
  if (lines > 2) return `(text of ${lines} lines)`;
  const flat = value.trimEnd().replaceAll("\n", "⏎");
  return flat.length > MAX_VALUE ? `${flat.slice(0, MAX_VALUE - 1)}…` : flat;
}

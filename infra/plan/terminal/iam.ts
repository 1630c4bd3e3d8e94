/** IAM by role, as lines of text. */
import { Right, rightText, RoleFacts } from "../report/iam/roles";
import { inList } from "../report/words";
import type { Paint } from "./paint";

export function roleLines(roles: readonly RoleFacts[], paint: Paint): string[] {
  return roles.flatMap(({ name, path, takenBy, trust, rights, managed }) => [
    `${paint.title(name)}  ${paint.soft(path)}`,
    `  Taken by ${inList(takenBy)}${trust.length === 0 ? "" : paint.soft(`, if ${inList(trust)}`)}.`,
    ...rights.flatMap((right) => rightLines(right, paint)),
    ...managed.map((policy) => `  ${policy.name} (kept by AWS) ${policy.text ?? "is described by AWS alone"}.`),
    "",
  ]);
}

function rightLines(right: Right, paint: Paint): string[] {
  const line = `  ${rightText(right)}  ${paint.soft(right.sid)}`;
  return right.onAnything
    ? [line, `    ${paint.danger("! ON ANYTHING")}: ${right.reason ?? "nobody says why"}`]
    : [line];
}

/** docs/requirements.md: the rows are written by people, their last two columns by `npm run requirements -- --write`. */
import { assertNoProblems, Problem } from "../../../constructs/shared/problems";

/** How strong a proof is, from what is asserted to what is seen. */
export const LEVELS = ["plan", "api", "controller", "process"] as const;
export type Level = (typeof LEVELS)[number];

export const TABLE = "docs/requirements.md";

export interface Requirement {
  /** For good: tests carry it in their titles. */
  readonly id: string;
  readonly text: string;
  /** Heading that it stands under. */
  readonly system: string;
  /** Levels at which it counts as proven: each of them. */
  readonly heldTo: readonly Level[];
}

const ID = /^[A-Z]+-\d{2}$/;

/** @throws {InvalidInputError} `REQUIREMENT_ROW`, naming every row that has no id, no level or another's id */
export function requirementsOf(document: string): Requirement[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  let system = "";
  const requirements = document.split("\n").flatMap((line, at) => {
    if (line.startsWith("## ")) system = line.slice(3);
    if (system === "" || !isRow(line)) return [];
    const [id = "", text = "", levels = ""] = cellsOf(line);
    const heldTo = levels.split(", ");
    const reason = reasonAgainst(id, heldTo, seen);
    seen.add(id);
    if (reason !== undefined) problems.push(problemOf(at, line, reason));
    return [{ id, text, system, heldTo: heldTo as Level[] }];
  });
  assertNoProblems(problems);
  return requirements;
}

/** The document with other words in the last two columns of each row. */
export function withProofs(document: string, proofOf: (id: string) => readonly [reached: string, by: string]): string {
  let inSystem = false;
  return document
    .split("\n")
    .map((line) => {
      inSystem ||= line.startsWith("## ");
      if (!inSystem || !isRow(line)) return line;
      const [id = "", text, levels] = cellsOf(line);
      return `| ${[id, text, levels, ...proofOf(id)].join(" | ")} |`;
    })
    .join("\n");
}

/** Neither a head nor the line below it. */
function isRow(line: string): boolean {
  return line.startsWith("| ") && !/^\| (id|--) /.test(line);
}

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function reasonAgainst(id: string, heldTo: readonly string[], seen: ReadonlySet<string>): string | undefined {
  if (!ID.test(id)) return "an id is capitals, a dash and two digits";
  if (seen.has(id)) return "another row has that id";
  const unknown = heldTo.find((level) => !LEVELS.some((known) => known === level));
  return unknown === undefined ? undefined : `"${unknown}" is no level`;
}

function problemOf(at: number, line: string, reason: string): Problem {
  const remedy = `Write | ID | requirement | ${LEVELS.join(", ")} |`;
  return { code: "REQUIREMENT_ROW", path: `${TABLE}:${at + 1}`, value: line, reason, remedy };
}

import type { Problem } from "../../constructs/shared/problems";
import { Finding, Rule, stackOf, Subject } from "./rule";

/** A problem with one resource. */
export interface Violation extends Problem {
  readonly urn: string;
  /** Name of the rule. */
  readonly rule: string;
}

/** What `rules` have against `subjects`; silent where an exception says so. */
export function judge(rules: readonly Rule[], subjects: readonly Subject[]): Violation[] {
  const judged = subjects.filter((subject) => !isShell(subject));
  return rules.flatMap((rule) =>
    findingsOf(rule, judged).map(({ subject, finding }) => problemOf(rule, subject, finding)),
  );
}

/** In a real run the EKS package's own process registers its component, without inputs: what it makes below has them. */
function isShell({ type, props }: Subject): boolean {
  return type.startsWith("eks:") && Object.keys(props).length === 0;
}

interface Judgement {
  readonly subject: Subject;
  readonly finding: Finding;
}

function findingsOf(rule: Rule, subjects: readonly Subject[]): Judgement[] {
  const found =
    "checkStack" in rule
      ? rule.checkStack(subjects).map(({ subject, ...finding }) => ({ subject, finding }))
      : subjects.flatMap((subject) => rule.check(subject).map((finding) => ({ subject, finding })));
  return found.filter(({ subject }) => rule.exceptions?.[subject.name] === undefined);
}

function problemOf(rule: Rule, subject: Subject, { path, value, reason, remedy }: Finding): Violation {
  return {
    urn: subject.urn,
    rule: rule.name,
    code: "POLICY_VIOLATED",
    path: [stackOf(subject), subject.name, path].filter((part) => part !== "").join(" "),
    value: value ?? null,
    reason: `${reason} (policy ${rule.name})`,
    remedy,
  };
}

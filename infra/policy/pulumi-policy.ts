/** Rules in the form in which Pulumi runs them beside a preview or an update. */
import { Policies, ReportViolation, ResourceValidationArgs, Secret } from "@pulumi/policy";
import { InvalidInputError } from "../../constructs/shared/problems";
import { SECRET, UNKNOWN } from "../plan/model";
import { judge } from "./judge";
import { ResourceRule, Rule, StackRule, Subject } from "./rule";

type Policy = Policies[number];

export function policyOf(rule: Rule): Policy {
  if ("checkStack" in rule) return stackPolicyOf(rule);
  return rule.seesSecrets === true ? policyThatSeesSecrets(rule) : resourcePolicyOf(rule);
}

function resourcePolicyOf(rule: ResourceRule): Policy {
  return { ...named(rule), validateResource: (args, report) => tell(rule, [subjectOf(args)], report) };
}

function stackPolicyOf(rule: StackRule): Policy {
  return {
    ...named(rule),
    validateStack: ({ resources }, report) => {
      const subjects = resources.map((resource): Subject => {
        const sources = Object.entries(resource.propertyDependencies).map(([key, from]) => [
          key,
          from.map(({ urn }) => urn),
        ]);
        return { ...subjectOf(resource), sources: Object.fromEntries(sources) as Subject["sources"] };
      });
      tell(rule, subjects, report);
    },
  };
}

/**
 * Pulumi unwraps secrets for those who validate, and shows which they are to those who remediate alone. So the rule
 * looks where it might remediate, changes nothing, and speaks where it validates. "remediate" is as strict as
 * "mandatory": what is still wrong after it fails the run.
 */
function policyThatSeesSecrets(rule: ResourceRule): Policy {
  const seen = new Map<string, Subject>();
  return {
    ...named(rule),
    enforcementLevel: "remediate",
    remediateResource: (args) => void seen.set(args.urn, subjectOf(args)),
    validateResource: (args, report) => {
      const subject = seen.get(args.urn) ?? args.notApplicable("Only at the level remediate does Pulumi tell secrets");
      tell(rule, [subject], report);
    },
  };
}

function named({ name, description }: Rule) {
  return { name, description, enforcementLevel: "mandatory" } as const;
}

function tell(rule: Rule, subjects: readonly Subject[], report: ReportViolation): void {
  for (const violation of judge([rule], subjects)) report(new InvalidInputError([violation]).message, violation.urn);
}

function subjectOf(args: Pick<ResourceValidationArgs, "urn" | "type" | "name" | "props" | "opts">): Subject {
  const { urn, type, name, opts } = args;
  return { urn, type, name, protect: opts.protect, props: plain(args.props) as Subject["props"], sources: {} };
}

/** A copy as the plan would have it: Pulumi's own throws where a value is read that isn't known yet. */
function plain(value: unknown): unknown {
  if (value instanceof Secret) return SECRET;
  if (typeof value !== "object" || value === null) return value;
  const read = (key: string) => {
    // The descriptor has what a secret is wrapped in; reading unwraps it.
    if (Object.getOwnPropertyDescriptor(value, key)?.value instanceof Secret) return SECRET;
    try {
      return plain((value as Record<string, unknown>)[key]);
    } catch {
      return UNKNOWN;
    }
  };
  if (Array.isArray(value)) return Object.keys(value).map(read);
  return Object.fromEntries(Object.keys(value).map((key) => [key, read(key)]));
}

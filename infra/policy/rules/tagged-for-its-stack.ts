import { Finding, ResourceRule, stackOf, Subject } from "../rule";
import { fieldsOf, isGiven, isUnknown } from "../values";

export const taggedForItsStack: ResourceRule = {
  name: "tagged-for-its-stack",
  description:
    "Each AWS provider tags all that it makes with Project, Stack and ManagedBy: without, nobody tells whose a resource is, or what a stack costs.",
  check: (subject) => {
    if (subject.type !== "pulumi:providers:aws") return [];
    const { defaultTags } = subject.props;
    return isUnknown(defaultTags) ? [] : inTags(subject, fieldsOf(fieldsOf(parsed(defaultTags)).tags));
  },
};

function inTags(subject: Subject, tags: Readonly<Record<string, unknown>>): Finding[] {
  const stack = stackOf(subject);
  const wrong = [
    ...["Project", "ManagedBy"].filter((tag) => !isGiven(tags[tag])),
    ...(isUnknown(tags.Stack) || tags.Stack === stack ? [] : ["Stack"]),
  ];
  return wrong.map((tag) => ({
    path: `defaultTags.tags.${tag}`,
    value: tags[tag],
    reason: "what it makes can't be told from others' by tag, nor its cost",
    remedy: tag === "Stack" ? `Set it to "${stack}"` : "Give it, as infra/aws.ts does",
  }));
}

/** Providers get what is no text as JSON. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

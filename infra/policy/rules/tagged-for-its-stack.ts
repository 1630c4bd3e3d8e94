import { Finding, ResourceRule, stackOf, Subject } from "../rule";
import { fieldsOf, isGiven, isUnknown, listOf, parsedJson } from "../values";

export const taggedForItsStack: ResourceRule = {
  name: "tagged-for-its-stack",
  description:
    "Each AWS provider tags all that it makes with Project, Stack and ManagedBy, and nodes and their disks get the same: without, nobody tells whose a resource is, or what a stack costs.",
  check: (subject) => tagsOf(subject).flatMap((place) => inTags(subject, place)),
};

interface Place {
  readonly path: string;
  readonly tags: unknown;
}

/** Where tags are given: by providers for what they make, by templates for what AWS and Karpenter make of them. */
function tagsOf({ type, props }: Subject): Place[] {
  switch (type) {
    case "pulumi:providers:aws":
      return [{ path: "defaultTags.tags", tags: within(parsed(props.defaultTags), "tags") }];
    case "aws:ec2/launchTemplate:LaunchTemplate":
      return listOf(props.tagSpecifications).map((one, index) => ({
        path: `tagSpecifications[${index}].tags`,
        tags: within(one, "tags"),
      }));
    case "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass":
      return [{ path: "spec.tags", tags: within(props.spec, "tags") }];
    default:
      return [];
  }
}

const within = (value: unknown, field: string) => (isUnknown(value) ? value : fieldsOf(value)[field]);

function inTags(subject: Subject, place: Place): Finding[] {
  if (isUnknown(place.tags)) return [];
  const tags = fieldsOf(place.tags);
  const stack = stackOf(subject);
  const wrong = [
    ...["Project", "ManagedBy"].filter((tag) => !isGiven(tags[tag])),
    ...(isUnknown(tags.Stack) || tags.Stack === stack ? [] : ["Stack"]),
  ];
  return wrong.map((tag) => ({
    path: `${place.path}.${tag}`,
    value: tags[tag],
    reason: "what it makes can't be told from others' by tag, nor its cost",
    remedy: tag === "Stack" ? `Set it to "${stack}"` : "Give it, as infra/tags.ts does",
  }));
}

/** Providers get what is no text as JSON. */
function parsed(value: unknown): unknown {
  return typeof value !== "string" || isUnknown(value) ? value : parsedJson(value);
}

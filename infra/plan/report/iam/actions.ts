/** IAM's actions in plain words: what is done, to what. */
import { groupBy } from "../../group-by";
import { inList } from "../words";

/** How an action's name begins, and what that does. What isn't here is its own word: `kms:Decrypt`. */
const VERBS: Readonly<Record<string, string>> = {
  Describe: "read",
  Get: "read",
  List: "list",
  Create: "create",
  Run: "create",
  Generate: "generate",
  Delete: "delete",
  Terminate: "end",
  Put: "write",
  Modify: "change",
  Change: "change",
  Set: "change",
  Add: "add",
  Remove: "remove",
  Register: "add",
  Deregister: "remove",
  Tag: "tag",
  Pass: "hand on",
  Receive: "receive",
  Authorize: "admit",
  Revoke: "no longer admit",
};

/** Names that would read wrongly word by word. */
const WHOLE: Readonly<Record<string, string>> = {
  "ec2:CreateTags": "tag",
  "ec2:DeleteTags": "untag",
  "elasticloadbalancing:AddTags": "tag load balancers",
  "elasticloadbalancing:RemoveTags": "untag load balancers",
  "rds:AddTagsToResource": "tag databases",
  "rds:RemoveTagsFromResource": "untag databases",
  "rds:ListTagsForResource": "list tags",
  "s3:ListBucket": "list the objects",
  "sqs:GetQueueUrl": "find the queue",
  "logs:PutLogEvents": "write log events",
  "iam:AddRoleToInstanceProfile": "put roles into instance profiles",
  "iam:RemoveRoleFromInstanceProfile": "take roles out of instance profiles",
  "elasticfilesystem:TagResource": "tag access points",
  "elasticloadbalancing:DescribeTargetHealth": "read the targets' health",
  "elasticloadbalancing:RegisterTargets": "put pods into the target group",
  "elasticloadbalancing:DeregisterTargets": "take pods out of it",
};

/** Services by the names that people know them by. */
const SERVICES: Readonly<Record<string, string>> = {
  "arc-zonal-shift": "zonal shift",
  acm: "ACM",
  ec2: "EC2",
  eks: "EKS",
  elasticfilesystem: "EFS",
  elasticloadbalancing: "load balancing",
  iam: "IAM",
  kms: "KMS",
  logs: "CloudWatch Logs",
  pricing: "the price list",
  rds: "RDS",
  route53: "Route 53",
  s3: "S3",
  sqs: "SQS",
  ssm: "Systems Manager",
  sts: "STS",
};

/** `create fleets and instances (EC2), hand on role (IAM)`: one phrase for each service, actions of one verb together. */
export function actionsText(actions: readonly string[]): string {
  const byService = groupBy(actions, (action) => action.split(":")[0] ?? "");
  const phrases = [...byService].map(([service, own]) => `${inList(byVerb(own))} (${serviceName(service)})`);
  return phrases.join(", ");
}

export function serviceName(service: string): string {
  return SERVICES[service] ?? service;
}

function byVerb(actions: readonly string[]): string[] {
  const things = new Map<string, string[]>();
  for (const action of actions) {
    const [verb, thing] = readAction(action);
    things.set(verb, [...(things.get(verb) ?? []), ...(thing === "" ? [] : [thing])]);
  }
  return [...things].map(([verb, own]) => (own.length === 0 ? verb : `${verb} ${inList(own, "and")}`));
}

function readAction(action: string): [verb: string, thing: string] {
  const whole = WHOLE[action];
  if (whole !== undefined) return [whole, ""];
  const [, name = ""] = action.split(":");
  if (name === "*") return ["do anything", ""];
  const [first = "", ...others] = wordsOf(name);
  const verb = VERBS[first];
  return verb === undefined
    ? [[first, ...others].join(" ").toLowerCase(), ""]
    : [verb, plural(others.map(lower).join(" "))];
}

function plural(thing: string): string {
  if (thing === "" || thing.endsWith("s")) return thing;
  return /[^aeiou]y$/.test(thing) ? `${thing.slice(0, -1)}ies` : `${thing}s`;
}

/** `SSLPolicies` are SSL and Policies. */
function wordsOf(name: string): string[] {
  return name.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|\*|[a-z0-9]+/g) ?? [name];
}

function lower(word: string): string {
  if (/^Vpcs?$/.test(word)) return word.replace("Vpc", "VPC");
  return word.length > 1 && word === word.toUpperCase() ? word : word.toLowerCase();
}

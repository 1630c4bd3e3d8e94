/** Under which conditions a statement holds, in plain words. */
import { inList } from "../words";

export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Keys of IAM by what they are about; tags have a reading of their own. */
const KEYS: Readonly<Record<string, string>> = {
  "aws:RequestedRegion": "the region",
  "aws:SourceAccount": "the account that it is done for",
  "aws:SourceArn": "what it is done for",
  "aws:TagKeys": "each new tag's key",
  "arc-zonal-shift:ResourceIdentifier": "the resource",
  "ec2:CreateAction": "the call that makes it",
  "elasticloadbalancing:CreateAction": "the call that makes it",
  "iam:AWSServiceName": "the service",
  "iam:PassedToService": "the service that gets it",
  "rds:StorageEncrypted": "encryption at rest",
  "route53:ChangeResourceRecordSetsRecordTypes": "each record's type",
  "route53:ChangeResourceRecordSetsNormalizedRecordNames": "each record's name",
};

/** One phrase for each key: all of them have to hold. */
export function conditionTexts(conditions: Conditions): string[] {
  return Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => phrase(operator, key, typeof value === "string" ? [value] : value)),
  );
}

function phrase(operator: string, key: string, values: readonly string[]): string {
  const [, where, tag] = /^aws:(RequestTag|ResourceTag)\/(.*)$/.exec(key) ?? [];
  const subject =
    tag === undefined ? (KEYS[key] ?? key) : `${where === "RequestTag" ? "the new tag" : "its tag"} ${tag}`;
  if (values.length === 1 && values[0] === "*") return `${subject} is there`;
  const optional = operator.endsWith("IfExists") ? ", where given," : "";
  return `${subject}${optional} ${relation(operator)} ${inList(values, "or")}`;
}

function relation(operator: string): string {
  const base = operator.replace(/^ForA(?:ll|ny)Values:/, "").replace(/IfExists$/, "");
  const negated = base.includes("Not");
  const like = base.endsWith("Like");
  if (like) return negated ? "doesn't match" : "matches";
  return negated ? "isn't" : "is";
}

/** What admission holds copies to, one rule a sentence: what must hold as CEL, and the words for whoever broke it. */
import type { ClonesRule } from "../admission-rules";

/** As clones/domain/tenant-copy.ts makes them. */
const COPY_NAME = "^copy-[0-9a-f]{24}$";

/** Who deletes what is in a namespace that goes as a whole, its volumes included. */
const NAMESPACE_CONTROLLER = "system:serviceaccount:kube-system:namespace-controller";

const IS_DELETE = 'request.operation == "DELETE"';
const IS_NEW = 'request.operation == "CREATE"';

/** CEL: KRO's own updates, and the end of a namespace. */
export const NOTHING_NEW =
  '(request.operation == "UPDATE" && object.spec == oldObject.spec) || ' +
  `(${IS_DELETE} && request.userInfo.username == "${NAMESPACE_CONTROLLER}")`;

/** @param maxDays days that a copy may live, after which Loomworks' own sweep removes it in any case */
export function copyRules(maxDays: number): ClonesRule[] {
  return [
    {
      field: "metadata.name",
      got: "request.name",
      holds: `!(${IS_NEW}) || object.metadata.name.matches("${COPY_NAME}")`,
      reason: "it is no copy's id, and its database and its host are named so",
      remedy: "Name it copy- and 24 random hexadecimal digits",
    },
    {
      field: "spec.source",
      got: sourceOf("object"),
      holds:
        `!(${IS_NEW}) || ` +
        `!(object.spec.source.startsWith("copy-") || object.spec.source in ["postgres", "template0", "template1"])`,
      reason: "it is no tenant's database",
      remedy: "Name the tenant's own",
    },
    {
      field: "spec.expiresAt",
      got: 'request.operation == "DELETE" ? "" : string(object.spec.expiresAt)',
      holds:
        `${IS_DELETE} || timestamp(object.spec.expiresAt) <= ` +
        `timestamp(object.metadata.creationTimestamp) + duration("${maxDays * 24}h")`,
      reason: `a copy lives ${maxDays} days at the most, extensions included`,
      remedy: "Give an earlier end",
    },
    {
      field: "spec.ended",
      got: 'request.operation == "DELETE" ? "" : string(object.spec.?ended.orValue(false))',
      holds: `request.operation != "UPDATE" || !oldObject.spec.?ended.orValue(false) || object.spec.?ended.orValue(false)`,
      reason: "its database is being removed, or has gone",
      remedy: "Make another copy",
    },
    {
      field: "status.phase",
      got: `${IS_DELETE} ? oldObject.?status.?phase.orValue("nothing") : ""`,
      holds: `!(${IS_DELETE}) || oldObject.?status.?phase.orValue("") == "Removed"`,
      reason: "with its object, nobody would know any more that database and files are there",
      remedy: "Set spec.ended to true, and wait for the phase Removed",
    },
  ];
}

function sourceOf(object: string): string {
  return `${IS_DELETE} ? "" : string(${object}.spec.source)`;
}

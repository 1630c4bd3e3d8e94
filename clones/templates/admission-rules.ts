/** The rules of admission, one a field: what must hold as CEL, and the sentence for whoever broke it. */
import { CLONE_NAMESPACES } from "../../constructs/contract";
import type { ClonesSettings } from "../../constructs/settings";
import { TTL } from "../domain/expiry";
import { CUSTOMER_ID, RESERVED_CUSTOMERS } from "../domain/host";

export interface ClonesRule {
  /** Path of the field, from the object's root. */
  readonly field: string;
  /** CEL: what was given. @default the field */
  readonly got?: string;
  /** CEL. */
  readonly holds: string;
  /** No double quotes, no full stop at the end. */
  readonly reason: string;
  readonly remedy: string;
}

/** CEL: an update that isn't about the spec, as are KRO's and the cleaner's. */
export const UNCHANGED_SPEC = 'request.operation == "UPDATE" && object.spec == oldObject.spec';

/** CEL: nothing more is asked of what was let in already; later settings don't reach back. */
const NOT_NEW = 'request.operation != "CREATE"';

/** As clones/domain/clone-id.ts writes them. With the longest ending of a child's, they stay below 63 characters. */
const CLONE_NAME = "^clone-[0-9]{8}-[0-9]{6}(-[a-z2-7]{4})?$";

/** Spec fields that a living clone can't follow, and what there is to do instead. */
const FIXED = {
  database: "its tables would stay where they are",
  useDedicatedDatabase: "its tables would stay where they are",
  customerId: "its host and its credentials are the customer's",
  image: "its pod, and the files in it, would be lost",
  warmPod: "it is served by the pod that it was made with",
  routing: "its URL is in its content",
  albGroup: "its URL is in its content",
} as const;

/** Every rule, in the order in which people get to read them. */
export function clonesRules(settings: ClonesSettings): ClonesRule[] {
  return [
    nameRule(),
    ...customerRules(settings),
    imageRule(settings),
    ...databaseRules(),
    ...lifeRules(settings),
    ...fixedRules(),
  ];
}

function nameRule(): ClonesRule {
  return {
    field: "metadata.name",
    holds: `${NOT_NEW} || object.metadata.name.matches("${CLONE_NAME}")`,
    reason: "it is no clone's id, and the names of all its objects are made of it",
    remedy: "Name it clone-YYYYMMDD-HHMMSS, in UTC; where that is taken, add a hyphen and four characters of a-z2-7",
  };
}

function customerRules({ domain }: ClonesSettings): ClonesRule[] {
  const field = "spec.customerId";
  return [
    {
      field,
      holds: `${NOT_NEW} || object.spec.customerId.matches("${CUSTOMER_ID.source}")`,
      reason: "it can't be the first part of a host",
      remedy: "Use 1 to 40 lower-case letters, digits and hyphens, and begin and end with a letter or digit",
    },
    {
      field,
      holds: `${NOT_NEW} || !(object.spec.customerId in ${JSON.stringify(RESERVED_CUSTOMERS)})`,
      reason: `that host below ${domain} is the service's own`,
      remedy: "Choose another id",
    },
  ];
}

function imageRule({ images: { registry } }: ClonesSettings): ClonesRule {
  return {
    field: "spec.image",
    holds: `${NOT_NEW} || !has(object.spec.image) || object.spec.image.startsWith("${registry}/")`,
    reason: "a clone holds a customer's data, and runs our own images alone",
    remedy: `Use an image below ${registry}/, or leave the field out`,
  };
}

/** An absent database is the schema's default; the documents' flag says the same as `dedicated`, and so can't contradict that. */
function databaseRules(): ClonesRule[] {
  const flag = "object.spec.?useDedicatedDatabase.orValue(false)";
  const database = 'object.spec.?database.orValue("shared")';
  const warm = 'object.spec.?warmPod.orValue("") != ""';
  return [
    {
      field: "spec.useDedicatedDatabase",
      got: flag,
      holds: `${NOT_NEW} || !${flag} || !(${database} in ["sidecar", "sqlite"])`,
      reason: "it contradicts spec.database, which asks for a database inside of the pod",
      remedy: "Leave one of the two out",
    },
    {
      field: "spec.database",
      got: `(${flag} ? "dedicated" : ${database})`,
      holds:
        `${NOT_NEW} || request.namespace == "${CLONE_NAMESPACES.production}" || ` +
        `!(${flag} || ${database} == "dedicated")`,
      reason: `an RDS instance of its own costs money each hour, and is for ${CLONE_NAMESPACES.production} alone`,
      remedy: `Use shared, sidecar or sqlite, or make the clone in ${CLONE_NAMESPACES.production}`,
    },
    {
      field: "spec.database",
      got: `(${flag} ? "dedicated" : ${database})`,
      holds: `${NOT_NEW} || !(${warm}) || (${database} == "sidecar" && !${flag})`,
      reason: "a warm pod brings its own MySQL along",
      remedy: "Use sidecar, or leave spec.warmPod out",
    },
  ];
}

function lifeRules({ maxTtlSeconds }: ClonesSettings): ClonesRule[] {
  const field = "spec.ttlSeconds";
  return [
    {
      field,
      holds: `!has(object.spec.ttlSeconds) || object.spec.ttlSeconds <= ${maxTtlSeconds}`,
      reason: `a clone lives for ${maxTtlSeconds} seconds at the most, extensions included`,
      remedy: `Give ${maxTtlSeconds} or less`,
    },
    {
      field,
      holds: `!has(object.spec.ttlSeconds) || object.spec.ttlSeconds >= ${TTL.minimum}`,
      reason: "a clone needs longer than that to get ready",
      remedy: `Give ${TTL.minimum} or more, or delete the clone`,
    },
  ];
}

function fixedRules(): ClonesRule[] {
  return Object.entries(FIXED).map(([name, reason]) => ({
    field: `spec.${name}`,
    got: `object.spec.?${name}.orValue("nothing")`,
    holds: `request.operation != "UPDATE" || object.spec.?${name} == oldObject.spec.?${name}`,
    reason: `it can't change while the clone lives: ${reason}`,
    remedy: "Delete the clone, and make another one",
  }));
}

/** Every rule that stacks are held to, as docs/policies.md lists them. */
import type { Rule } from "./rule";
import { bucketsAreGuarded } from "./rules/buckets-are-guarded";
import { bucketsAreVersioned } from "./rules/buckets-are-versioned";
import { clusterIsClosed } from "./rules/cluster-is-closed";
import { databasesArePrivate } from "./rules/databases-are-private";
import { encryptedAtRest } from "./rules/encrypted-at-rest";
import { encryptedInTransit } from "./rules/encrypted-in-transit";
import { metadataNeedsToken } from "./rules/metadata-needs-token";
import { namespacesAreConfined } from "./rules/namespaces-are-confined";
import { networkIsClosed } from "./rules/network-is-closed";
import { nothingIsPublicInS3 } from "./rules/nothing-is-public-in-s3";
import { podsAreConfined } from "./rules/pods-are-confined";
import { productionIsProtected } from "./rules/production-is-protected";
import { rightsAreNarrow } from "./rules/rights-are-narrow";
import { secretsAreMarked } from "./rules/secrets-are-marked";
import { taggedForItsStack } from "./rules/tagged-for-its-stack";
import { versionsArePinned } from "./rules/versions-are-pinned";

export const RULES: readonly Rule[] = [
  networkIsClosed,
  databasesArePrivate,
  clusterIsClosed,
  rightsAreNarrow,
  encryptedAtRest,
  encryptedInTransit,
  nothingIsPublicInS3,
  bucketsAreGuarded,
  bucketsAreVersioned,
  metadataNeedsToken,
  podsAreConfined,
  namespacesAreConfined,
  versionsArePinned,
  secretsAreMarked,
  taggedForItsStack,
  productionIsProtected,
];

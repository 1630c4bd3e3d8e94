import { bucketsOf, hasSetting } from "../buckets";
import type { StackRule } from "../rule";
import { isUnknown, valueAt } from "../values";

const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";

const MADE_ANEW = "Its objects are written once and end by its life cycle; nothing is restored from them.";

export const bucketsAreVersioned: StackRule = {
  name: "buckets-are-versioned",
  description:
    "What is restored from keeps old versions: a backup that a mistake or an intruder overwrites is needed just then.",
  exceptions: { "storage-logs-bucket": MADE_ANEW, "storage-traces-bucket": MADE_ANEW },
  checkStack: (subjects) =>
    bucketsOf(subjects)
      .filter((bucket) => !hasSetting(subjects, bucket, VERSIONING, ({ props }) => isEnabled(props)))
      .map((subject) => ({
        subject,
        path: "",
        value: null,
        reason: "an object that is overwritten or deleted is gone",
        remedy: "Give it a BucketVersioning that is enabled, or an exception with its reason",
      })),
};

function isEnabled(props: unknown): boolean {
  const status = valueAt(props, "versioningConfiguration.status");
  return isUnknown(status) || status === "Enabled";
}

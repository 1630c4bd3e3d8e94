import type { StackRule } from "../rule";
import { bucketsOf, hasSetting } from "../buckets";

/** By type: what a bucket lacks without it. */
const SETTINGS = {
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "nothing keeps a later ACL or policy from publishing it",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    "it is encrypted by S3's key, so nobody decides or sees who reads it",
  "aws:s3/bucketPolicy:BucketPolicy": "it takes requests without TLS",
} as const;

export const bucketsAreGuarded: StackRule = {
  name: "buckets-are-guarded",
  description:
    "Each bucket has its block of public access, its encryption by a key of ours, and a policy of its own: they are resources apart, and so are easily forgotten.",
  checkStack: (subjects) =>
    bucketsOf(subjects).flatMap((subject) =>
      Object.entries(SETTINGS)
        .filter(([type]) => !hasSetting(subjects, subject, type))
        .map(([type, reason]) => ({
          subject,
          path: "",
          value: null,
          reason,
          remedy: `Make it by infra/data/private-bucket.ts, which gives it a ${type.split(":").at(-1) ?? type}`,
        })),
    ),
};

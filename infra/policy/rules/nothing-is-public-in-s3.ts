import type { ResourceRule } from "../rule";
import { Demand, isOn, unmet } from "../values";

const SWITCHES = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

const DEMANDS: readonly Demand[] = SWITCHES.map((path) => ({
  path,
  holds: isOn,
  reason: "one ACL or policy too wide would publish backups or logs",
  remedy: "Set it to true; nothing here is served from S3",
}));

export const nothingIsPublicInS3: ResourceRule = {
  name: "nothing-is-public-in-s3",
  description:
    "All four switches against public access are on: they hold whatever somebody writes into an ACL or a policy later.",
  check: ({ type, props }) =>
    type === "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock" ? unmet(props, DEMANDS) : [],
};

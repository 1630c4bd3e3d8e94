/** Buckets, whose settings are resources of their own. */
import type { Subject } from "./rule";
import { isGiven, isUnknown } from "./values";

export function bucketsOf(subjects: readonly Subject[]): Subject[] {
  return subjects.filter(({ type }) => /^aws:s3\/bucket(V2)?:BucketV?2?$/.test(type));
}

/** Whether one of `type` is for this bucket, and `holds`. */
export function hasSetting(
  subjects: readonly Subject[],
  bucket: Subject,
  type: string,
  holds: (setting: Subject) => boolean = () => true,
): boolean {
  return subjects.some((setting) => setting.type === type && isFor(setting, bucket) && holds(setting));
}

/** Before the bucket is made nobody knows its id, but whose id it will be. */
function isFor({ sources, props }: Subject, bucket: Subject): boolean {
  const { bucket: name } = props;
  if (sources.bucket?.includes(bucket.urn) === true) return true;
  return isGiven(name) && !isUnknown(name) && [bucket.props.id, bucket.props.bucket].includes(name);
}

import { containersOf, podsOf } from "../kubernetes";
import { Finding, ResourceRule, Subject } from "../rule";
import { Fields, fieldsOf, Found, isGiven, isUnknown, unmet, valuesAt } from "../values";

/** `1.2.3`, `v1.2.3-rc.1`: one version, and no range of Helm's. */
const EXACT = /^v?\d+\.\d+\.\d+([-+][\w.-]+)*$/;
/** `host:5000/image:tag`, or `image@sha256:…`: the last part has either. */
const PINNED = /^[^@]*?[^/@:]+(:(?!latest$|latest@)[\w][\w.-]{0,127}(@sha256:[a-f0-9]{64})?|@sha256:[a-f0-9]{64})$/;

const REMEDY = "Pin it in constructs/versions.ts";

export const versionsArePinned: ResourceRule = {
  name: "versions-are-pinned",
  description:
    "Images, charts, EKS add-ons and machine images have one version each: what moves by itself differs from what was tested, and can't be gone back from.",
  check: (subject) => [...images(subject), ...release(subject), ...ofAws(subject)],
};

function images(subject: Subject): Finding[] {
  return podsOf(subject)
    .flatMap(containersOf)
    .filter(({ value }) => !isUnknown(value.image) && !PINNED.test(String(value.image)))
    .map(({ path, value }) => unpinned({ path: `${path}.image`, value: value.image }, "image"));
}

function release({ type, props }: Subject): Finding[] {
  if (type !== "kubernetes:helm.sh/v3:Release") return [];
  const holds = (version: unknown) => typeof version === "string" && EXACT.test(version);
  const reason = "the chart's newest, or a range's, is whatever its makers released last";
  return [...unmet(props, [{ path: "version", holds, reason, remedy: REMEDY }]), ...movingTags(props.values, "values")];
}

/** Tags that a chart's values set. */
function movingTags(value: unknown, path: string): Finding[] {
  const entries = Object.entries(fieldsOf(value));
  return entries.flatMap(([key, field]) =>
    key === "tag" && field === "latest"
      ? [unpinned({ path: `${path}.${key}`, value: field }, "image")]
      : movingTags(field, `${path}.${key}`),
  );
}

function ofAws({ type, props }: Subject): Finding[] {
  if (type === "aws:eks/addon:Addon") return missing(props, "addonVersion", "add-on");
  if (type === "aws:eks/nodeGroup:NodeGroup") return missing(props, "releaseVersion", "machine image");
  if (type !== "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass") return [];
  return valuesAt(props, "spec.amiSelectorTerms[].alias")
    .filter(({ value }) => typeof value === "string" && value.endsWith("@latest"))
    .map((found) => unpinned(found, "machine image"));
}

function missing(props: Fields, path: string, what: string): Finding[] {
  const { reason, remedy } = unpinned({ path, value: undefined }, what);
  return unmet(props, [{ path, holds: isGiven, reason, remedy }]);
}

function unpinned(found: Found, what: string): Finding {
  return { ...found, reason: `the ${what} changes without anybody's doing`, remedy: REMEDY };
}

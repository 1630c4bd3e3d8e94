import { ResourceValidationPolicy, Secret, StackValidationPolicy } from "@pulumi/policy";
import { policyOf } from "../../../infra/policy/pulumi-policy";
import { RULES } from "../../../infra/policy/rules";

const rule = (name: string) => policyOf(RULES.find((one) => one.name === name)!);

/** As Pulumi hands over what isn't known: who reads it is thrown out. */
function unknown<T extends object>(known: T, key: string): T {
  return Object.defineProperty(known, key, {
    enumerable: true,
    get: () => {
      throw new Error(`.${key} can't be known during preview`);
    },
  });
}

function resource(type: string, name: string, props: object) {
  return {
    urn: `urn:pulumi:production::loomworks-platform::${type}::${name}`,
    type,
    name,
    props,
    opts: { protect: true },
    notApplicable: (reason: string) => {
      throw new Error(reason);
    },
  } as any;
}

function told(policy: unknown, type: string, props: object): string[] {
  const messages: string[] = [];
  const { validateResource } = policy as ResourceValidationPolicy;
  void (validateResource as any)(resource(type, "one", props), (message: string) => messages.push(message));
  return messages;
}

describe("A rule as Pulumi runs it", () => {
  const RDS = "aws:rds/instance:Instance";

  it("is mandatory, and says why it is there", () => {
    for (const policy of RULES.map(policyOf)) {
      expect(policy.description.length).toBeGreaterThan(80);
      // Pulumi takes this one for as strict: what validates after it fails the run.
      expect(policy.enforcementLevel).toBe(policy.name === "secrets-are-marked" ? "remediate" : "mandatory");
    }
  });

  it("speaks by the sentence that the plan has", () => {
    expect(told(rule("databases-are-private"), RDS, { publiclyAccessible: true })).toEqual([
      expect.stringMatching(
        /^POLICY_VIOLATED production one publiclyAccessible: got true; .*\(policy databases-are-private\)\. Leave/,
      ),
    ]);
  });

  it("neither fails nor speaks of what isn't known yet, however deep", () => {
    expect(told(rule("databases-are-private"), RDS, unknown({}, "publiclyAccessible"))).toEqual([]);
    const template = { blockDeviceMappings: [{ ebs: unknown({}, "encrypted") }] };
    expect(told(rule("encrypted-at-rest"), "aws:ec2/launchTemplate:LaunchTemplate", template)).toEqual([]);
    expect(told(rule("rights-are-narrow"), "aws:iam/rolePolicy:RolePolicy", unknown({}, "policy"))).toEqual([]);
  });

  it("takes a bucket's settings by what they come from, as the bucket has no id yet", () => {
    const { validateStack } = rule("buckets-are-versioned") as StackValidationPolicy;
    const bucket = resource("aws:s3/bucket:Bucket", "one", {});
    const other = resource("aws:s3/bucket:Bucket", "two", {});
    const versioning = { versioningConfiguration: { status: "Enabled" } };
    const setting = resource("aws:s3/bucketVersioning:BucketVersioning", "three", unknown(versioning, "bucket"));
    const plain = [bucket, other].map((one) => ({ ...one, propertyDependencies: {} }));
    const resources = [...plain, { ...setting, propertyDependencies: { bucket: [bucket] } }];
    const urns: (string | undefined)[] = [];
    void validateStack({ resources } as any, (_: unknown, urn?: string) => urns.push(urn));
    expect(urns).toEqual([other.urn]);
  });

  it("judges the cluster rather than the component above it, which registers itself without inputs", () => {
    const policy = rule("cluster-is-closed");
    expect(told(policy, "eks:index:Cluster", {})).toEqual([]);
    expect(told(policy, "aws:eks/cluster:Cluster", { accessConfig: { authenticationMode: "API" } })).toHaveLength(3);
  });

  it("learns which inputs are secret before it speaks", () => {
    const policy = rule("secrets-are-marked") as ResourceValidationPolicy;
    const show = (props: object) => void policy.remediateResource!(resource(RDS, "one", props));
    show({ password: new Secret("hunter2") });
    expect(told(policy, RDS, { password: "hunter2" })).toEqual([]);
    show({ password: "hunter2" });
    const [message] = told(policy, RDS, { password: "hunter2" });
    expect(message).toContain("one password");
    expect(message).not.toContain("hunter2");
  });

  it("doesn't guess where Pulumi was told not to show secrets", () => {
    expect(() => told(rule("secrets-are-marked"), RDS, { password: "hunter2" })).toThrow("Only at the level remediate");
  });
});

import { STACKS } from "../../../../../constructs/settings";
import { planStack } from "../../../../../infra/plan/plan";
import { actionsText } from "../../../../../infra/plan/report/iam/actions";
import { conditionTexts } from "../../../../../infra/plan/report/iam/conditions";
import { resourcesText } from "../../../../../infra/plan/report/iam/resources";
import { RoleFacts, rightText, rolesOf } from "../../../../../infra/plan/report/iam/roles";
import { roleLines } from "../../../../../infra/plan/terminal/iam";
import { PLAIN } from "../../../../../infra/plan/terminal/paint";
import { REPOSITORY } from "../../../../support/pulumi-project";
import { planOf } from "../fixtures/input";

const ROLE = { urn: "r", name: "loki-role", parent: "loki", type: "aws:iam/role:Role" };
const trust = (Condition: object) => ({
  assumeRolePolicy: JSON.stringify({
    Statement: [{ Effect: "Allow", Principal: { Service: "pods.eks.amazonaws.com" }, Condition }],
  }),
});
const ASSOCIATION = {
  clusterName: "c",
  namespace: "observability",
  serviceAccount: "loki",
  roleArn: "[arn of loki-role]",
};
const BOUND: { readonly StringEquals: Readonly<Record<string, string>> } = {
  StringEquals: {
    "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:x:1:cluster/c",
    "aws:RequestTag/kubernetes-namespace": "observability",
    "aws:RequestTag/kubernetes-service-account": "loki",
  },
};

function rolesWith(Statement: object[], { condition = BOUND, onAnything = {} } = {}): RoleFacts[] {
  return rolesOf(
    planOf("staging", [
      { urn: "loki", name: "loki", type: "loomworks:cluster:PodIdentity", custom: false, outputs: { onAnything } },
      { ...ROLE, inputs: trust(condition) },
      {
        urn: "p",
        name: "p",
        type: "aws:iam/rolePolicy:RolePolicy",
        inputs: { role: "[name of loki-role]", policy: JSON.stringify({ Statement }) },
      },
      { urn: "a", name: "a", type: "aws:eks/podIdentityAssociation:PodIdentityAssociation", inputs: ASSOCIATION },
    ]),
  );
}

describe("[PLAT-07] IAM in plain words", () => {
  it("says who takes a role: the pods of one ServiceAccount, and whether the trust holds it to them", () => {
    expect(rolesWith([])[0]?.takenBy).toEqual([
      "pods of ServiceAccount observability/loki by Pod Identity, and its trust admits no other pod",
    ]);
    const [loose] = rolesWith([], {
      condition: { StringEquals: { "aws:RequestTag/kubernetes-namespace": "observability" } },
    });
    expect(loose?.takenBy).toEqual(["pods of ServiceAccount observability/loki by Pod Identity"]);
    expect(loose?.trust).toEqual(["the new tag kubernetes-namespace is observability"]);
  });

  it("makes a sentence of a statement: what, on what, under which conditions", () => {
    const [role] = rolesWith([
      {
        Sid: "A",
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject"],
        Resource: "[arn of logs]/*",
        Condition: { StringEquals: { "aws:RequestedRegion": "eu-central-1" } },
      },
      { Sid: "B", Effect: "Deny", Action: "s3:*", Resource: "[arn of logs]" },
    ]);
    expect(role?.rights.map(rightText)).toEqual([
      "May read objects and write objects (S3), on all in logs, if the region is eu-central-1.",
      "May not do anything (S3), on logs.",
    ]);
  });

  it("marks what is on anything with its reason, and says so where nobody gave one", () => {
    const anything = (Sid: string) => ({
      Sid,
      Effect: "Allow",
      Action: "ec2:DescribeImages",
      Resource: ["arn:aws:s3:::b", "*"],
    });
    const roles = rolesWith([anything("A"), anything("B")], { onAnything: { A: "It knows no resources." } });
    const text = roleLines(roles, PLAIN).join("\n");
    expect(text).toContain("! ON ANYTHING: It knows no resources.");
    expect(text).toContain("! ON ANYTHING: nobody says why");
  });

  it.each([
    [
      ["ec2:DescribeInstances", "ec2:DescribeImages", "iam:PassRole"],
      "read instances and images (EC2), hand on roles (IAM)",
    ],
    [["kms:Decrypt", "kms:GenerateDataKey"], "decrypt and generate data keys (KMS)"],
    [["elasticloadbalancing:DescribeSSLPolicies"], "read SSL policies (load balancing)"],
    [["new-service:FrobnicateWidget"], "frobnicate widget (new-service)"],
  ])("reads the actions %j", (actions, text) => expect(actionsText(actions)).toBe(text));

  it.each([
    [
      ["arn:aws:ec2:eu-central-1:*:subnet/*", "arn:aws:ec2:eu-central-1:*:volume/*"],
      "every EC2 subnet and volume in eu-central-1",
    ],
    [["arn:aws:rds:x:1:db:clone-*"], "RDS instance clone-*"],
    [["arn:aws:route53:::hostedzone/[id of dns-a.app]"], "Route 53 zone dns-a.app"],
    [["*"], "anything"],
  ])("reads the resources %j", (resources, text) => expect(resourcesText(resources)).toBe(text));

  it.each([
    [{ StringLike: { "aws:ResourceTag/karpenter.sh/nodepool": "*" } }, "its tag karpenter.sh/nodepool is there"],
    [{ StringEqualsIfExists: { "aws:RequestTag/a": "b" } }, "the new tag a, where given, is b"],
    [
      { "ForAllValues:StringLike": { "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_a.*", "_b.*"] } },
      "each record's name matches _a.* or _b.*",
    ],
    [{ StringNotEquals: { "aws:SourceAccount": "1" } }, "the account that it is done for isn't 1"],
    [{ Bool: { "some:Key": "true" } }, "some:Key is true"],
  ])("reads the condition %j", (condition, text) => expect(conditionTexts(condition as never)).toEqual([text]));
});

describe.each(STACKS)("[PLAT-07] the roles of %s", (stack) => {
  let roles: RoleFacts[];
  beforeAll(async () => void (roles = rolesOf(await planStack(stack, REPOSITORY, "aws"))));

  it("say of every statement on anything why it is", () => {
    const open = roles.flatMap(({ rights }) => rights).filter(({ onAnything }) => onAnything);
    expect(open.length).toBeGreaterThan(4);
    expect(open.filter(({ reason = "" }) => reason.length < 20).map(({ sid }) => sid)).toEqual([]);
  });

  it("say of every policy that AWS keeps what it lets its holder do", () => {
    const managed = roles.flatMap((role) => role.managed);
    expect(managed.length).toBeGreaterThan(8);
    expect(managed.filter(({ text }) => text === undefined)).toEqual([]);
  });

  it("are held to their pods by their trust, and each may do something", () => {
    for (const { takenBy, rights, managed } of roles) {
      expect(takenBy).toHaveLength(1);
      if (takenBy[0]?.startsWith("pods")) expect(takenBy[0]).toContain("admits no other pod");
      expect(rights.length + managed.length).toBeGreaterThan(0);
    }
  });

  it("read as words: no action, ARN or operator of IAM's own is left in a sentence", () => {
    const sentences = roles.flatMap(({ rights }) => rights.map(rightText));
    expect(sentences.filter((sentence) => /[a-z0-9]+:[A-Z]\w+|StringEquals|\[(arn|id|name) of/.test(sentence))).toEqual(
      [],
    );
  });
});

import * as aws from "@pulumi/aws";
import { PodIdentity, PodIdentityArgs } from "../../../infra/cluster/pod-identity";
import { Planned, planned } from "../../support/planned";

const CLUSTER = { name: "loomworks-staging", arn: "arn:aws:eks:eu-central-1:111122223333:cluster/loomworks-staging" };

const ARGS: PodIdentityArgs = {
  cluster: CLUSTER,
  namespace: "cert-manager",
  serviceAccount: "cert-manager",
  policies: {
    dns: [
      { Sid: "AllowRecords", Action: "route53:ChangeResourceRecordSets", Resource: "arn:aws:route53:::hostedzone/Z1" },
    ],
  },
  managedPolicies: ["arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2"],
};

function register(args: PodIdentityArgs): Promise<Planned> {
  return planned(() => {
    const providers = [new aws.Provider("aws", {})];
    new PodIdentity("identity", args, { providers });
  });
}

describe("[PLAT-01] A pod identity", () => {
  let plan: Planned;

  beforeAll(async () => {
    plan = await register(ARGS);
  });

  it("is a role, its rights, and an association, all of its own and by the provider that it was given", () => {
    expect(plan.names()).toEqual([
      "PodIdentity identity",
      "PodIdentityAssociation identity-association",
      "Role identity-role",
      "RolePolicy identity-dns",
      "RolePolicyAttachment identity-AmazonEBSCSIDriverPolicyV2",
    ]);
    const { urn } = plan.get("identity");
    const children = plan.resources.filter(({ custom, type }) => custom && type.startsWith("aws:"));
    expect(children.map(({ parent }) => parent)).toEqual(children.map(() => urn));
    expect(children.map(({ provider }) => provider)).toEqual(children.map(() => plan.get("aws").urn));
  });

  it("gives no pod the role without its rights: the association comes last", () => {
    expect(plan.before("identity-association")).toEqual([
      "identity-role",
      "identity-dns",
      "identity-AmazonEBSCSIDriverPolicyV2",
    ]);
  });

  it("is for the pods of one ServiceAccount in one namespace of one cluster", () => {
    expect(plan.statements("identity-role", "assumeRolePolicy")).toEqual({
      AllowEksAuthToAssumeRoleForPodIdentity: {
        Sid: "AllowEksAuthToAssumeRoleForPodIdentity",
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-arn": CLUSTER.arn,
            "aws:RequestTag/kubernetes-namespace": "cert-manager",
            "aws:RequestTag/kubernetes-service-account": "cert-manager",
          },
        },
      },
    });
    expect(plan.get("identity-association").inputs).toEqual({
      clusterName: CLUSTER.name,
      namespace: "cert-manager",
      serviceAccount: "cert-manager",
      roleArn: "[arn of identity-role]",
    });
  });

  it("may do what its statements say, and what the policies say that AWS keeps", () => {
    const [statement] = ARGS.policies!.dns!;
    expect(plan.statements("identity-dns")).toEqual({ AllowRecords: { Effect: "Allow", ...statement } });
    expect(plan.get("identity-AmazonEBSCSIDriverPolicyV2").inputs).toEqual({
      role: "[name of identity-role]",
      policyArn: "arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2",
    });
  });

  it("may do nothing where nothing is said", async () => {
    const bare = await register({ cluster: CLUSTER, namespace: "one", serviceAccount: "two" });
    expect([...bare.all("RolePolicy"), ...bare.all("RolePolicyAttachment")]).toEqual([]);
  });
});

import * as aws from "@pulumi/aws";
import * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";
import { parseSettings } from "../../../constructs/settings";
import { EKS_ADDONS, KUBERNETES, NODE_IMAGE } from "../../../constructs/versions";
import { Cluster } from "../../../infra/cluster/cluster";
import { Key } from "../../../infra/cluster/key";
import { NODE_POLICIES } from "../../../infra/cluster/node-role";
import { SystemNodes } from "../../../infra/cluster/system-nodes";
import { UNKNOWN } from "../../../infra/plan/model";
import { Planned, planned } from "../../support/planned";

const BASE = { partition: "aws", account: "111122223333", region: "eu-central-1" };
const NAME = "loomworks-staging";
const ADMIN = "arn:aws:iam::111122223333:role/operators";

function register(settings: object = {}): Promise<Planned> {
  return planned(() => {
    const opts = { providers: [new aws.Provider("aws", {}), new eks.Provider("eks")] };
    const { cluster: given } = parseSettings({ aws: { cluster: settings } }).aws;
    const key = new Key("key", { ...BASE, clusterName: NAME, protect: given.protect }, opts);
    const network = new aws.ec2.Vpc("vpc", {}, { provider: opts.providers[0] });
    const cluster = new Cluster(
      "cluster",
      { ...BASE, name: NAME, vpcId: network.id, subnetIds: ["intra-a", "intra-b"], keyArn: key.arn, settings: given },
      { ...opts, dependsOn: [network] },
    );
    const subnetIds = ["private-a", "private-b"];
    const nodes = { partition: "aws", cluster: cluster.identity, subnetIds, settings: given.systemNodes };
    new SystemNodes("system", nodes, opts);
    new pulumi.ComponentResource("test:Shown", "shown", { identifier: cluster.access.identifier });
  });
}

describe("[PLAT-01] The cluster", () => {
  let plan: Planned;
  const cluster = () => plan.get("cluster-eks");

  beforeAll(async () => {
    plan = await register({ publicAccess: ["203.0.113.0/24"], administrators: [ADMIN], logDays: 30 });
  });

  it("is made by EKS' component, every setting that its security hangs on written out", () => {
    expect(cluster().type).toBe("eks:index:Cluster");
    expect(cluster().provider).toBe(plan.get("eks").urn);
    expect(cluster().inputs).toEqual({
      name: NAME,
      version: KUBERNETES.minor,
      upgradePolicy: { supportType: "STANDARD" },
      vpcId: "[id of vpc]",
      subnetIds: ["intra-a", "intra-b"],
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
      authenticationMode: "API",
      accessEntries: {
        "administrator-0": {
          principalArn: ADMIN,
          accessPolicies: {
            admin: {
              policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
              accessScope: { type: "cluster" },
            },
          },
        },
      },
      encryptionConfigKeyArn: "[arn of key-key]",
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      deletionProtection: true,
      bootstrapSelfManagedAddons: false,
      useDefaultVpcCni: true,
      corednsAddonOptions: {
        enabled: false,
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
      },
      kubeProxyAddonOptions: {
        enabled: false,
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
      },
      skipDefaultNodeGroup: true,
      skipDefaultSecurityGroups: true,
      createInstanceRole: false,
    });
  });

  it("answers within the VPC alone where no network outside is named", async () => {
    const { inputs } = (await register()).get("cluster-eks");
    expect(inputs).toMatchObject({ endpointPrivateAccess: true, endpointPublicAccess: false });
    expect(inputs).not.toHaveProperty("publicAccessCidrs");
  });

  it("keeps its logs encrypted and for a time, in a group that is there before the cluster would make its own", () => {
    expect(plan.get("cluster-logs").inputs).toEqual({
      name: `/aws/eks/${NAME}/cluster`,
      retentionInDays: 30,
      kmsKeyId: "[arn of key-key]",
    });
    expect(plan.before("cluster-eks")).toContain("cluster-logs");
    expect(plan.before("cluster-logs")).toContain("vpc");
  });

  it("is deleted neither by Pulumi nor by AWS where the stack protects it, and nor is its key", async () => {
    const names = (one: Planned) => one.resources.filter(({ protect }) => protect).map(({ name }) => name);
    expect(names(plan)).toEqual(["key-key", "cluster-eks"]);
    const free = await register({ protect: false });
    expect(names(free)).toEqual([]);
    expect(free.get("cluster-eks").inputs.deletionProtection).toBe(false);
  });

  it("has a key that turns, that its account manages, and that logs of this cluster alone are written with", () => {
    expect(plan.get("key-key").inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
    const groups = "arn:aws:logs:eu-central-1:111122223333:log-group";
    const statements = plan.statements("key-key");
    expect(Object.keys(statements)).toEqual(["AllowAccountToManage", "AllowLogsOfThisAccount"]);
    expect(statements.AllowAccountToManage.Principal).toEqual({ AWS: "arn:aws:iam::111122223333:root" });
    expect(statements.AllowLogsOfThisAccount).toMatchObject({
      Principal: { Service: "logs.eu-central-1.amazonaws.com" },
      Condition: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": [`${groups}:/aws/*/${NAME}/*`, `${groups}:/aws/rds/instance/${NAME}-*`],
        },
      },
    });
  });

  it("is known by its ARN before it is there, so that a plan can name it", () => {
    expect(plan.get("shown").inputs.identifier).toBe(`arn:aws:eks:eu-central-1:111122223333:cluster/${NAME}`);
  });
});

describe("[PLAT-01] The system nodes", () => {
  let plan: Planned;

  beforeAll(async () => {
    plan = await register({ systemNodes: { count: 2, capacity: "spot", instanceType: "t3.large" } });
  });

  it("come after the network, the proxy and the agent of pod identities, and before what needs nodes to run on", () => {
    const before = ["system-vpc-cni", "system-kube-proxy", "system-eks-pod-identity-agent"];
    expect(plan.before("system-group")).toEqual(expect.arrayContaining(before));
    for (const name of before) expect(plan.before(name)).toEqual(expect.arrayContaining(["cluster-eks"]));
    for (const name of ["system-coredns", "system-snapshot-controller", "system-aws-ebs-csi-driver"])
      expect(plan.before(name)).toContain("system-group");
    expect(plan.before("system-aws-ebs-csi-driver")).toContain("system-ebs-csi-association");
  });

  it("have every add-on pinned, and set back what was changed by hand", () => {
    const addons = plan.all("Addon").map(({ inputs }) => [inputs.addonName, inputs.addonVersion]);
    expect(Object.fromEntries(addons)).toEqual(EKS_ADDONS);
    for (const { inputs } of plan.all("Addon")) {
      expect(inputs).toMatchObject({
        clusterName: NAME,
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
      });
    }
    expect(EKS_ADDONS["kube-proxy"]).toContain(`v${KUBERNETES.minor}.`);
  });

  it("carry the controllers that storage needs before there is any other node, taint or not", () => {
    const tolerations = [{ key: "CriticalAddonsOnly", operator: "Exists" }];
    const configured = (name: string) => JSON.parse(String(plan.get(name).inputs.configurationValues));
    expect(configured("system-snapshot-controller")).toEqual({ tolerations });
    expect(configured("system-aws-ebs-csi-driver").controller).toMatchObject({ tolerations });
  });

  it("give pods whole prefixes of addresses, and enforce the policies of dist", () => {
    const { env, enableNetworkPolicy } = JSON.parse(String(plan.get("system-vpc-cni").inputs.configurationValues));
    expect(env.ENABLE_PREFIX_DELEGATION).toBe("true");
    expect(enableNetworkPolicy).toBe("true");
  });

  it("are as many as the stack says, of a pinned image, and closed to what doesn't ask for them", () => {
    expect(plan.get("system-group").inputs).toMatchObject({
      clusterName: NAME,
      version: KUBERNETES.minor,
      releaseVersion: NODE_IMAGE.releaseVersion,
      amiType: "AL2023_x86_64_STANDARD",
      capacityType: "SPOT",
      instanceTypes: ["t3.large"],
      subnetIds: ["private-a", "private-b"],
      scalingConfig: { minSize: 2, desiredSize: 2, maxSize: 3 },
      taints: [{ key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" }],
      labels: { "loomworks.app/nodes": "system" },
      launchTemplate: { id: "[id of system-template]", version: UNKNOWN },
    });
    expect(NODE_IMAGE.releaseVersion).toMatch(new RegExp(`^${KUBERNETES.minor}\\.`));
    expect(NODE_IMAGE.amiAlias.slice(-8)).toBe(NODE_IMAGE.releaseVersion.slice(-8));
  });

  it("tell their role to no pod, and write to encrypted disks", () => {
    const { metadataOptions, blockDeviceMappings } = plan.get("system-template").inputs as any;
    expect(metadataOptions).toEqual({ httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" });
    expect(blockDeviceMappings).toEqual([
      {
        deviceName: "/dev/xvda",
        ebs: { volumeSize: 40, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
      },
    ]);
  });

  it("have the rights of a node and no more, and keep them until they are gone", () => {
    expect(NODE_POLICIES).toEqual([
      "AmazonEKSWorkerNodePolicy",
      "AmazonEKS_CNI_Policy",
      "AmazonEC2ContainerRegistryPullOnly",
      "AmazonSSMManagedInstanceCore",
    ]);
    const attached = NODE_POLICIES.map((policy) => `system-nodes-${policy}`);
    expect(attached.map((name) => plan.get(name).inputs.policyArn)).toEqual(
      NODE_POLICIES.map((policy) => `arn:aws:iam::aws:policy/${policy}`),
    );
    expect(plan.before("system-group")).toEqual(expect.arrayContaining(attached));
    expect(plan.statements("system-nodes-role", "assumeRolePolicy")).toMatchObject({
      AllowServiceToAssumeRole: { Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
    });
  });
});

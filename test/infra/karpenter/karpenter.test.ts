import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import { parseSettings } from "../../../constructs/settings";
import { CHARTS, NODE_IMAGE } from "../../../constructs/versions";
import { Karpenter } from "../../../infra/karpenter/karpenter";
import { Planned, planned } from "../../support/planned";

const NAME = "loomworks-staging";
const ACCOUNT = "111122223333";
const REGION = "eu-central-1";
const ARN = `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/${NAME}`;
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:${NAME}-interruption`;

/** IAM counts the inline policies of a role together, white space aside (IAM and STS quotas). */
const INLINE_POLICY_LIMIT = 10_240;

const TEMPLATE = readFileSync(join(__dirname, "../../support/aws/karpenter-1.14.cloudformation.yaml"), "utf8")
  .replaceAll("${AWS::Partition}", "aws")
  .replaceAll("${AWS::Region}", REGION)
  .replaceAll("${AWS::AccountId}", ACCOUNT)
  .replaceAll("${ClusterName}", NAME)
  .replaceAll("${KarpenterNodeRole.Arn}", "[arn of karpenter-nodes-role]")
  .replaceAll("${KarpenterInterruptionQueue.Arn}", QUEUE);

/** The statements of Karpenter's authors, by Sid. */
function authorsStatements(): Record<string, unknown> {
  const documents = TEMPLATE.split("PolicyDocument: !Sub |").slice(1);
  const json = documents.map((text) => text.slice(0, text.search(/^ {2}\w/m)));
  const statements = json.flatMap((text) => JSON.parse(text).Statement as { Sid: string }[]);
  return Object.fromEntries(statements.map((statement) => [statement.Sid, statement]));
}

function register(settings: object = {}): Promise<Planned> {
  return planned(() => {
    const providers = [new aws.Provider("aws", {}), new k8s.Provider("cluster", {})];
    const nodes = new k8s.core.v1.ConfigMap("system", {}, { provider: providers[1] });
    new Karpenter(
      "karpenter",
      {
        partition: "aws",
        account: ACCOUNT,
        region: REGION,
        clusterName: NAME,
        cluster: { name: NAME, arn: ARN },
        securityGroupId: "sg-1",
        // PostgreSQL's wish for other nodes than spot is not what is asked here.
        settings: parseSettings({ aws: { karpenter: settings }, loomworks: { postgres: { spot: true } } }).aws
          .karpenter,
        clone: { cpu: 500, memory: 512 },
      },
      { providers, dependsOn: [nodes] },
    );
  });
}

describe("[PLAT-02] Karpenter's controller", () => {
  let plan: Planned;
  const policies = () => plan.all("RolePolicy").map(({ name }) => plan.statements(name));

  beforeAll(async () => {
    plan = await register();
  });

  it("may do, statement by statement, what its authors say that it needs, and nothing else", () => {
    const authors = authorsStatements();
    expect(Object.keys(authors).length).toBe(18);
    expect(Object.assign({}, ...policies())).toEqual(authors);
  });

  it("has no policy longer than IAM takes", () => {
    const length = policies().map(
      (statements) => JSON.stringify({ Version: "2012-10-17", Statement: Object.values(statements) }).length,
    );
    expect(length.reduce((sum, each) => sum + each)).toBeLessThan(INLINE_POLICY_LIMIT);
  });

  it("does all of that for the pods of its own ServiceAccount", () => {
    const { inputs } = plan.all("PodIdentityAssociation")[0]!;
    expect(inputs).toMatchObject({ clusterName: NAME, namespace: "karpenter", serviceAccount: "karpenter" });
    expect((plan.get("karpenter-release").inputs.values as any).serviceAccount).toEqual({ name: "karpenter" });
  });

  it("is of the pinned chart, after its kinds, which come from a chart of their own", () => {
    const release = (name: string) => plan.get(`${name}-release`).inputs;
    expect(release("karpenter-crd")).toMatchObject({ ...CHARTS.karpenterCrds, namespace: "karpenter" });
    expect(release("karpenter")).toMatchObject({ ...CHARTS.karpenter, namespace: "karpenter" });
    expect(plan.before("karpenter-release")).toContain("karpenter-crd-release");
    expect(plan.before("karpenter-crd-namespace")).toContain("system");
    expect(CHARTS.karpenter.version).toBe(CHARTS.karpenterCrds.version);
  });

  it("knows its cluster and its queue, keeps out of a zone that was shifted away from, and has but node repair of experiments", () => {
    expect((plan.get("karpenter-release").inputs.values as any).settings).toEqual({
      clusterName: NAME,
      interruptionQueue: `${NAME}-interruption`,
      eksControlPlane: true,
      enableZonalShift: true,
      featureGates: { nodeRepair: true, staticCapacity: false, capacityBuffer: false },
    });
  });
});

describe("[PLAT-02] The interruption queue", () => {
  let plan: Planned;

  beforeAll(async () => {
    plan = await register();
  });

  it("hears every event that the authors listen to, in EC2's own words", () => {
    const theirs = [...TEMPLATE.matchAll(/source:\n +- (.+)\n +detail-type:\n +- (.+)\n/g)].map(([, source, type]) => ({
      source: [source],
      "detail-type": [type],
    }));
    expect(theirs).toHaveLength(5);
    const ours = plan.all("EventRule").map(({ inputs }) => JSON.parse(String(inputs.eventPattern)));
    expect(ours).toEqual(theirs);
    const targets = plan.all("EventTarget").map(({ inputs }) => inputs.arn);
    expect(targets).toEqual(Array(5).fill("[arn of karpenter-interruption-queue]"));
  });

  it("forgets what is old, is encrypted, and takes messages from those rules alone, by TLS", () => {
    expect(plan.get("karpenter-interruption-queue").inputs).toEqual({
      name: `${NAME}-interruption`,
      messageRetentionSeconds: 300,
      sqsManagedSseEnabled: true,
    });
    const { AllowRulesToSend, DenyHTTP, ...others } = plan.statements("karpenter-interruption-policy");
    expect(others).toEqual({});
    expect(AllowRulesToSend).toMatchObject({
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: QUEUE,
    });
    const allowed = AllowRulesToSend.Condition.ArnLike["aws:SourceArn"].replace(/\*$/, "");
    for (const { inputs } of plan.all("EventRule"))
      expect(`arn:aws:events:${REGION}:${ACCOUNT}:rule/${String(inputs.name)}`.startsWith(allowed)).toBe(true);
    expect(DenyHTTP).toMatchObject({
      Effect: "Deny",
      Principal: "*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  });
});

describe("[PLAT-02] Karpenter's nodes", () => {
  let plan: Planned;
  const spec = (name: string, from = plan) => from.get(name, undefined).inputs.spec as any;
  const requirement = (name: string, key: string, from = plan) =>
    spec(name, from)
      .template.spec.requirements.filter((one: any) => one.key === key)
      .map((one: any) => one.values);

  beforeAll(async () => {
    plan = await register();
  });

  it("join by an access entry of EC2's kind, with the rights that the authors give them", () => {
    expect(plan.get("karpenter-nodes", "aws:eks/accessEntry:AccessEntry").inputs).toEqual({
      clusterName: NAME,
      principalArn: "[arn of karpenter-nodes-role]",
      type: "EC2_LINUX",
    });
    const theirs = [...TEMPLATE.matchAll(/iam::aws:policy\/(\w+)/g)].map(([, policy]) => policy!).sort();
    const ours = plan.all("RolePolicyAttachment").map(({ inputs }) => String(inputs.policyArn).split("/").at(-1)!);
    expect(ours.sort()).toEqual(theirs);
  });

  it.each(["general", "buffer-pool"])("of %s are of a pinned image, encrypted, and closed to their pods", (pool) => {
    expect(spec(`karpenter-${pool}-class`)).toEqual({
      role: "[name of karpenter-nodes-role]",
      amiSelectorTerms: [{ alias: NODE_IMAGE.amiAlias }],
      subnetSelectorTerms: [{ tags: { "karpenter.sh/discovery": NAME } }],
      securityGroupSelectorTerms: [{ id: "sg-1" }],
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeSize: "50Gi", volumeType: "gp3", encrypted: true, deleteOnTermination: true },
        },
      ],
      kubelet: { maxPods: 58 },
      tags: { Project: "loomworks-platform", Stack: "staging", ManagedBy: "pulumi", Name: `${NAME}-${pool}` },
    });
    expect(spec(`karpenter-${pool}-pool`).template.spec.nodeClassRef).toEqual({
      group: "karpenter.k8s.aws",
      kind: "EC2NodeClass",
      name: pool,
    });
  });

  it("of the general pool have the documents' limits, and go when they have been empty for ten minutes", () => {
    expect(spec("karpenter-general-pool")).toMatchObject({
      weight: 10,
      limits: { cpu: "100", memory: "200Gi" },
      disruption: { consolidationPolicy: "WhenEmptyOrUnderutilized", consolidateAfter: "10m" },
    });
    expect(requirement("karpenter-general-pool", "karpenter.sh/capacity-type")).toEqual([["spot", "on-demand"]]);
  });

  it("are of the documents' types where the stack says so, without prefixes that these don't have", async () => {
    const theirs = await register({
      general: { instanceTypes: ["t2.small", "t3.medium"], capacity: "spot" },
      buffer: { nodes: 2, instanceType: "t2.small", capacity: "spot" },
    });
    expect(requirement("karpenter-general-pool", "node.kubernetes.io/instance-type", theirs)).toEqual([
      ["t2.small", "t3.medium"],
    ]);
    expect(requirement("karpenter-general-pool", "karpenter.sh/capacity-type", theirs)).toEqual([["spot"]]);
    for (const pool of ["general", "buffer-pool"])
      expect(spec(`karpenter-${pool}-class`, theirs)).not.toHaveProperty("kubelet");
  });

  it("are drained before anything goes that makes them go", () => {
    for (const pool of ["general", "buffer-pool"]) {
      const { inputs } = plan.get(`karpenter-${pool}-pool`);
      expect(inputs.metadata).toMatchObject({ annotations: { "pulumi.com/deletionPropagationPolicy": "foreground" } });
      expect(plan.before(`karpenter-${pool}-pool`)).toEqual([`karpenter-${pool}-class`]);
      expect(plan.before(`karpenter-${pool}-class`)).toEqual(
        expect.arrayContaining([
          "karpenter-release",
          "karpenter-interruption-queue",
          "karpenter-interruption-policy",
          "karpenter-interruption-spot-interruption",
          "karpenter-nodes",
          "karpenter-nodes-AmazonEKSWorkerNodePolicy",
        ]),
      );
    }
  });
});

describe("[PLAT-03] The buffer", () => {
  const pods = (plan: Planned) => plan.get("karpenter-buffer-pods").inputs.spec as any;
  const pool = (plan: Planned) => plan.get("karpenter-buffer-pool-pool").inputs.spec as any;

  it("keeps room for clones on each warm node, by a pod that gives way to any other, one a node", async () => {
    const plan = await register({ buffer: { nodes: 3, instanceType: "t3.xlarge" } });
    const { spec } = pods(plan).template;
    expect(pods(plan).replicas).toBe(3);
    expect(spec).toMatchObject({
      nodeSelector: { "karpenter.sh/nodepool": "buffer-pool" },
      terminationGracePeriodSeconds: 0,
      priorityClassName: "warm-nodes",
    });
    // Seven clones of 500m and 512Mi.
    expect(spec.containers[0].resources.requests).toEqual({ cpu: "3500m", memory: "3584Mi" });
    const [term] = spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    expect(term.topologyKey).toBe("kubernetes.io/hostname");
    expect(pods(plan).template.metadata.labels).toMatchObject(term.labelSelector.matchLabels);
    expect(plan.get("karpenter-buffer-priority").inputs).toMatchObject({ value: -10, preemptionPolicy: "Never" });
    expect(plan.before("karpenter-buffer-pods")).toContain("karpenter-buffer-pool-pool");
  });

  it("may make as much again behind clones that took it, and goes only when it is empty", async () => {
    const plan = await register({ buffer: { nodes: 3, instanceType: "t3.xlarge" } });
    expect(pool(plan).limits).toEqual({ cpu: "24", memory: "98304Mi" });
    expect(pool(plan).disruption).toMatchObject({ consolidationPolicy: "WhenEmpty", consolidateAfter: "10m" });
  });

  it("is a fixed number of nodes where the stack says so, with one to spare for those that drift", async () => {
    const plan = await register({ buffer: { mode: "static", nodes: 2 } });
    const { metadata, spec } = plan.get("karpenter-static-buffer-pool-pool").inputs as any;
    expect(metadata.name).toBe("static-buffer-pool");
    expect(spec).toMatchObject({ replicas: 2, limits: { nodes: "3" } });
    expect(spec).not.toHaveProperty("weight");
    expect(plan.all("Deployment")).toEqual([]);
    expect((plan.get("karpenter-release").inputs.values as any).settings.featureGates.staticCapacity).toBe(true);
  });

  it("is an order for spare room where the stack says so, in the one version that is served", async () => {
    const plan = await register({ buffer: { mode: "capacityBuffer", nodes: 2 } });
    expect(plan.get("karpenter-buffer-buffer").inputs).toMatchObject({
      apiVersion: "autoscaling.x-k8s.io/v1beta1",
      kind: "CapacityBuffer",
      spec: { podTemplateRef: { name: "warm-nodes" }, replicas: 2 },
    });
    expect(plan.all("Deployment")).toEqual([]);
    expect((plan.get("karpenter-release").inputs.values as any).settings.featureGates.capacityBuffer).toBe(true);
  });

  it("isn't there where the stack wants none", async () => {
    const plan = await register({ buffer: { nodes: 0 } });
    expect(plan.names().filter((name) => name.includes("buffer"))).toEqual([]);
  });
});

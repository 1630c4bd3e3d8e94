import { STACKS } from "../../constructs/settings";
import { InvalidInputError } from "../../constructs/shared/problems";
import { DAEMON_SETS } from "../../infra/karpenter/buffer-capacity";
import { Plan, PlannedResource, SECRET, UNKNOWN } from "../../infra/plan/model";
import { PlanMonitor } from "../../infra/plan/monitor";
import { planStack } from "../../infra/plan/plan";
import { renderPlan } from "../../infra/plan/render";
import { WAVES } from "../../infra/waves";
import { ProjectCopy } from "../support/pulumi-project";

/** Names and types below the stack itself, in the order of their creation. */
const partsOf = (plan: Plan) => plan.resources.filter(({ parent }) => parent === plan.resources[0]!.urn);
const isProvider = ({ type }: PlannedResource) => type.startsWith("pulumi:providers:");

/** Everything that has to be ready before `resource`, and before that. */
function allBefore(plan: Plan, resource: PlannedResource): PlannedResource[] {
  const byUrn = new Map(plan.resources.map((one) => [one.urn, one]));
  const found = new Map<string, PlannedResource>();
  const visit = ({ dependsOn }: PlannedResource) => {
    for (const urn of dependsOn) {
      const before = byUrn.get(urn);
      if (before === undefined || found.has(urn)) continue;
      found.set(urn, before);
      visit(before);
    }
  };
  visit(resource);
  return [...found.values()];
}

/** Every statement of every policy, with the name of the resource that carries it. */
function statementsOf(plan: Plan): { carrier: PlannedResource; statement: any }[] {
  return plan.resources.flatMap((carrier) =>
    ["policy", "assumeRolePolicy"].flatMap((field) => {
      const text = carrier.inputs[field];
      if (typeof text !== "string" || !text.startsWith("{")) return [];
      return [JSON.parse(text).Statement].flat().map((statement: any) => ({ carrier, statement }));
    }),
  );
}

describe.each(STACKS)("[PLAT-10] The plan of %s in AWS", (stack) => {
  let plan: Plan;
  const finished: string[] = [];

  beforeAll(async () => {
    const spy = jest.spyOn(PlanMonitor.prototype, "registerResourceOutputs");
    spy.mockImplementation(function (this: PlanMonitor, request, answer) {
      finished.push(request.getUrn());
      this.outputs.set(request.getUrn(), request.getOutputs?.().toJavaScript() ?? {});
      answer(null, {});
    });
    plan = await planStack(stack);
    spy.mockRestore();
  });

  it("needs no account, and says whose place is taken", () => {
    expect(renderPlan(plan)).toContain(
      `Stand-ins, as Pulumi.${stack}.yaml names no others: account 000000000000, region eu-central-1 and domain example.com.`,
    );
    const aws = partsOf(plan).find(({ type }) => type === "pulumi:providers:aws")!;
    expect(JSON.stringify(aws.inputs)).toContain("000000000000");
  });

  it("makes the parts from the bottom to the top, and applies the manifests when all of them are ready", () => {
    const names = partsOf(plan)
      .filter((part) => !isProvider(part))
      .map(({ name }) => name);
    const order = ["key", "network", "eks", "system", "nodes", "addons", "storage-classes", "observability"];
    const rest = [...Object.keys(WAVES)];
    expect(names.filter((name) => [...order, ...rest].includes(name))).toEqual([...order, ...rest]);
  });

  it("makes nothing by a provider that Pulumi would choose itself, and everything in AWS in one account", () => {
    const own = partsOf(plan).filter(isProvider);
    expect(own.map(({ type }) => type.split(":").at(-1)!).sort()).toEqual(["aws", "eks", "kubernetes", "random"]);
    for (const { custom, type, provider } of plan.resources.filter((one) => !isProvider(one))) {
      if (!custom && type !== "eks:index:Cluster") continue;
      expect(provider).toContain(`pulumi:providers:${type.split(":")[0]!}::`);
      expect(own.map(({ urn }) => urn)).toContain(provider);
    }
    expect(own.find(({ name }) => name === "aws")!.inputs).toMatchObject({ region: "eu-central-1" });
  });

  it("has components of this program's own types, finished, and with something in them", () => {
    const components = plan.resources.filter(
      ({ custom, parent, type }) => !custom && parent && !type.startsWith("eks:"),
    );
    expect(components.length).toBeGreaterThan(50);
    for (const { urn, type } of components) {
      expect(type).toMatch(/^loomworks:[a-z]+:[A-Z][A-Za-z]+$/);
      expect(finished).toContain(urn);
      expect(plan.resources.some(({ parent }) => parent === urn)).toBe(true);
    }
  });

  it("gives every resource a name that no other of its type has", () => {
    const names = plan.resources.map(({ type, name }) => `${type} ${name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("takes nodes down before Karpenter, and that before cluster, routes and network", () => {
    const pools = plan.resources.filter(({ type }) => type.endsWith(":NodePool") && type.startsWith("kubernetes:"));
    expect(pools.length).toBe(2);
    for (const pool of pools) {
      const before = allBefore(plan, pool).map(({ name }) => name);
      for (const name of [
        "karpenter-release",
        "system-group",
        "system-vpc-cni",
        "eks-eks",
        "network-private-a-nat",
        "network-vpc",
      ])
        expect(before).toContain(name);
    }
  });

  it("takes every object of the cluster down before the nodes that run it and the door that leads to it", () => {
    const waves = partsOf(plan).filter(({ name }) => name in WAVES);
    const urns = waves.map(({ urn }) => urn);
    const objects = plan.resources.filter(({ parent, name }) => urns.includes(parent ?? "") && name !== "");
    expect(objects.length).toBeGreaterThan(100);
    for (const object of objects.filter((_, index) => index % 10 === 0)) {
      const before = allBefore(plan, object).map(({ name }) => name);
      expect(before).toEqual(
        expect.arrayContaining(["nodes-general-pool", "karpenter-release", "front-door-alb", "eks-eks"]),
      );
    }
  });

  it("allows no action of everything, and names resources wherever AWS knows them", () => {
    const statements = statementsOf(plan);
    expect(statements.length).toBeGreaterThan(60);
    const wide = statements.filter(({ statement }) => {
      if (statement.Effect !== "Allow") return false;
      return [statement.Action].flat().some((action: string) => action === "*" || /^[\w-]+:\*$/.test(action));
    });
    // A key that its account may not manage can't even be deleted.
    expect(wide.map(({ carrier }) => carrier.type)).toEqual(wide.map(() => "aws:kms/key:Key"));
    expect(statements.filter(({ statement }) => !/^[A-Za-z0-9]+$/.test(statement.Sid ?? ""))).toEqual([]);
  });

  it("[PLAT-08] tells clones of the database that it makes, and of where dedicated ones go", () => {
    const maps = plan.resources.filter(
      ({ name, type }) => name.endsWith("-clone-platform") && type.endsWith("ConfigMap"),
    );
    expect(maps).toHaveLength(2);
    for (const { inputs } of maps) {
      expect(inputs.data).toMatchObject({
        databaseSubnetGroup: expect.stringMatching(/^\[name of shared-database/),
        databaseSecurityGroup: expect.stringMatching(/^\[id of shared-database/),
      });
    }
    expect(plan.resources.some(({ name }) => name === "clones-shared-database-password")).toBe(false);
  });

  it("[LOOM-14] tells Loomworks' backups of their bucket before the first pod that copies", () => {
    const cron = plan.resources.find(({ name }) => name === "loomworks/postgres-offsite")!;
    expect(allBefore(plan, cron).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["offsite-postgres-offsite-target", "offsite-identity-association"]),
    );
  });

  it("[KRO-14] installs KRO, whatever a local cluster does", () => {
    expect(plan.resources.map(({ name }) => name)).toContain("kro-release");
  });

  it("[PLAT-03] says how many clones fit into the warm nodes, and how it comes to that", () => {
    const [line] = /^Warm nodes: .*$/m.exec(renderPlan(plan))!;
    const { nodes, clones, clonesPerNode } = plan.outputs.buffer as any;
    expect(clones).toBe(nodes * clonesPerNode);
    expect(line).toContain(`So ${clonesPerNode} fit on each, and ${clones} clones start without waiting for a node.`);
    if (stack === "production") expect(clones).toBeGreaterThanOrEqual(20);
  });

  it("[PLAT-03] counts what runs on every node as its chart is told to ask", () => {
    const values: any[] = plan.resources
      .filter(({ type }) => type.endsWith(":Release"))
      .map(({ inputs }) => inputs.values);
    const asked = {
      "efs-csi-node": values.find(({ node }) => node?.resources !== undefined).node,
      "prometheus-node-exporter": values.find((each) => "prometheus-node-exporter" in each)["prometheus-node-exporter"],
      "opentelemetry-collector-agent": values.find(({ mode }) => mode === "daemonset"),
    };
    for (const [name, { resources }] of Object.entries(asked)) {
      const { cpu, memory } = DAEMON_SETS[name]!;
      expect([name, resources.requests]).toEqual([name, { cpu: `${cpu}m`, memory: `${memory}Mi` }]);
    }
  });

  it("shows no secret", () => {
    const kubernetes = partsOf(plan).find(({ type }) => type === "pulumi:providers:kubernetes")!;
    expect([SECRET, UNKNOWN]).toContain(kubernetes.inputs.kubeconfig);
    const instance = plan.resources.find(({ type }) => type === "aws:rds/instance:Instance")!;
    expect(instance.inputs.password).toBe(SECRET);
  });
});

describe("[PLAT-10] The stacks in AWS", () => {
  it("differ as their files say: production keeps what it has, staging is cheap", async () => {
    const facts = async (stack: (typeof STACKS)[number]) => {
      const { resources } = await planStack(stack);
      const count = (type: string) => resources.filter((one) => one.type.endsWith(`:${type}`)).length;
      const protectedTypes = new Set(resources.filter(({ protect }) => protect).map(({ type }) => type));
      const group = resources.find(({ type }) => type.endsWith(":NodeGroup"))!.inputs;
      return {
        gateways: count("NatGateway"),
        endpoints: count("VpcEndpoint"),
        nodes: group.capacityType,
        keeps: ["aws:ec2/vpc:Vpc", "aws:kms/key:Key", "aws:rds/instance:Instance", "eks:index:Cluster"].filter((type) =>
          protectedTypes.has(type),
        ),
      };
    };
    expect(await facts("staging")).toEqual({ gateways: 1, endpoints: 1, nodes: "SPOT", keeps: [] });
    expect(await facts("production")).toEqual({
      gateways: 3,
      endpoints: 7,
      nodes: "ON_DEMAND",
      keeps: ["aws:ec2/vpc:Vpc", "aws:kms/key:Key", "aws:rds/instance:Instance", "eks:index:Cluster"],
    });
  });
});

describe("A stack in AWS whose settings are wrong", () => {
  let project: ProjectCopy;

  beforeEach(() => {
    project = new ProjectCopy();
  });

  afterEach(() => {
    project.remove(".");
  });

  const problems = async () => {
    const error: unknown = await planStack("staging", project.root).catch((reason: unknown) => reason);
    return error instanceof InvalidInputError ? error.problems.map(({ code, path }) => `${code} ${path}`) : error;
  };

  it("is made in the account and region that its file names, and in no other", async () => {
    const given = 'platform:aws:\n    account: "111122223333"\n    region: eu-west-1';
    project.edit("Pulumi.staging.yaml", "platform:aws:", given);
    const { resources } = await planStack("staging", project.root);
    const { inputs } = resources.find(({ type }) => type === "pulumi:providers:aws")!;
    expect(inputs).toMatchObject({ region: "eu-west-1", allowedAccountIds: '["111122223333"]' });
  });

  it.each([
    ["cn-north-1", "aws-cn"],
    ["us-gov-west-1", "aws-us-gov"],
  ])("names nothing of the common part of AWS in %s", async (region, partition) => {
    project.edit("Pulumi.staging.yaml", "platform:aws:", `platform:aws:\n    region: ${region}`);
    // Where clones are told apart by path, the load balancers' controller has a policy more.
    project.edit("Pulumi.staging.yaml", "platform:clones:", "platform:clones:\n    routing: path");
    project.edit("dist/staging/settings.yaml", "routing: host", "routing: path");
    const { resources } = await planStack("staging", project.root);
    const arns = resources.flatMap(({ name, inputs }) =>
      [...JSON.stringify(inputs).matchAll(/arn:(aws[a-z-]*):/g)].map(([, part]) => ({ name, part })),
    );
    expect(arns.length).toBeGreaterThan(50);
    expect(arns.filter(({ part }) => part !== partition)).toEqual([]);
  });

  it("needs a repository where Argo CD delivers, and then leaves pods to it", async () => {
    project.edit("Pulumi.staging.yaml", "platform:aws:", "platform:aws:\n    delivery: { by: argocd }");
    expect(await problems()).toEqual(["SETTING_MISSING aws.delivery.repository"]);
    project.edit("Pulumi.staging.yaml", "by: argocd", "by: argocd, repository: https://github.com/acme/platform");
    const plan = await planStack("staging", project.root);
    const names = partsOf(plan).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["argocd", "applications", "namespaces", "rules"]));
    expect(names).not.toContain("apps");
  });

  it("is refused by a graph of clones that isn't there", async () => {
    project.remove("dist/staging/wordpress-clone.definition.k8s.yaml");
    expect(await problems()).toEqual(["DIST_CLONE dist"]);
  });
});

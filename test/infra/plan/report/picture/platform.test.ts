import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STACKS } from "../../../../../constructs/settings";
import type { Plan } from "../../../../../infra/plan/model";
import { planStack } from "../../../../../infra/plan/plan";
import { platformDocument } from "../../../../../infra/plan/report/picture/document";
import type { Graph } from "../../../../../infra/plan/report/picture/graph";
import { layoutOf } from "../../../../../infra/plan/report/picture/layout";
import { platformOf } from "../../../../../infra/plan/report/picture/platform";
import { REPOSITORY } from "../../../../support/pulumi-project";

/** `from → to: what (by)` of every line. */
function linesOf({ nodes, bundles }: Graph): string[] {
  const title = (id: string) => nodes.find((node) => node.id === id)?.title ?? id;
  return bundles.flatMap(({ sources, target, ports, services }) =>
    sources.map((source) => `${title(source)} → ${title(target)}: ${ports} (${services})`),
  );
}

describe.each(STACKS)("[PLAT-10] the picture of %s", (stack) => {
  let plan: Plan;
  let graph: Graph;
  beforeAll(async () => {
    plan = await planStack(stack, REPOSITORY, "aws");
    graph = platformOf(plan);
  });
  const without = (...types: string[]): Graph =>
    platformOf({ ...plan, resources: plan.resources.filter(({ type }) => !types.some((each) => type.endsWith(each))) });

  it("frames what stands in the VPC, zone by zone as its subnets are", () => {
    const cidr = (name: string) =>
      plan.resources.find((each) => each.name === name && each.type.endsWith(":Subnet"))?.inputs.cidrBlock;
    expect(graph.bands?.map(({ title }) => title)).toEqual([
      "VPC 10.0.0.0/16",
      "Public subnets",
      "Private subnets: nodes and pods",
      "Intra subnets: no way out",
    ]);
    expect(graph.bands?.[1]?.lines).toEqual(
      ["a", "b", "c"].map((zone) => `eu-central-1${zone}  ${String(cidr(`network-public-${zone}`))}`),
    );
  });

  it("has a box for front door, nodes, pools, namespaces, control plane and each store of data", () => {
    const titles = graph.nodes.map(({ title }) => title);
    expect(titles).toEqual(
      expect.arrayContaining([
        "Internet",
        "Load balancer",
        "NAT a",
        "System nodes",
        "Pool general",
        "Pool buffer-pool",
        "loomworks",
        "clones",
      ]),
    );
    expect(titles).toEqual(
      expect.arrayContaining([
        "EKS control plane",
        "RDS MySQL",
        "EFS",
        "S3 backups",
        "S3 logs",
        "S3 traces",
        "Route 53",
      ]),
    );
    const charts = plan.resources.filter(({ type }) => type.endsWith(":Release")).length;
    const drawn = graph.nodes.filter(({ subtitle }) => subtitle.startsWith("chart ")).length;
    const more = Number(/^\d+/.exec(graph.nodes.find(({ id }) => id === "more")?.title ?? "")?.[0]);
    expect(drawn + more).toBe(charts);
  });

  it("draws who talks to whom from rules, binding, claims and roles", () => {
    expect(linesOf(graph)).toEqual(
      expect.arrayContaining([
        "Internet → Load balancer: TCP 80, 443 (security group)",
        "Load balancer → traefik: TCP 8080, 8443 (TargetGroupBinding)",
        "clones → RDS MySQL: TCP 3306 (security group)",
        "loki → S3 logs: AWS API (Pod Identity)",
        "tempo → S3 traces: AWS API (Pod Identity)",
        "cert-manager → Route 53: AWS API (Pod Identity)",
        "karpenter → SQS interruptions: AWS API (Pod Identity)",
        "karpenter → Pool general: starts nodes (NodePool)",
      ]),
    );
    expect(linesOf(graph).some((line) => line.startsWith("loomworks → EFS: TCP 2049"))).toBe(true);
  });

  it.each([
    [":TargetGroupBinding", "Load balancer → traefik"],
    [":RolePolicy", "loki → S3 logs"],
    [":PersistentVolumeClaim", "loomworks → EFS"],
    [":NetworkPolicy", "clones → RDS"],
    [":SecurityGroupIngressRule", "Internet → Load balancer"],
    [":Ingress", "traefik → loomworks"],
  ])("has no line where its %s is not in the plan", (type, line) => {
    const has = (drawn: Graph) => linesOf(drawn).some((each) => each.startsWith(line));
    expect([has(graph), has(without(type))]).toEqual([true, false]);
  });

  it("keeps each box within the frames of its column, and out of the others", () => {
    const { boxes, frames } = layoutOf(graph);
    for (const { node, x, y, width, height } of boxes) {
      for (const { band, ...frame } of frames) {
        const inside =
          frame.x < x && x + width < frame.x + frame.width && frame.y < y && y + height < frame.y + frame.height;
        const outside = x + width < frame.x || frame.x + frame.width < x;
        const belongs = band.from <= (node.column ?? 0) && (node.column ?? 0) <= band.to;
        expect([node.title, band.title, inside, outside]).toEqual([node.title, band.title, belongs, !belongs]);
      }
    }
  });

  it("draws no frames over each other's heads, and all within the picture", () => {
    const { frames, left, top, width, height } = layoutOf(graph);
    for (const frame of frames) {
      expect(frame.x).toBeGreaterThan(left - 1);
      expect(frame.y).toBeGreaterThan(top);
      expect(frame.x + frame.width).toBeLessThan(left + width + 1);
      expect(frame.y + frame.height).toBeLessThan(top + height);
    }
    const [vpc, ...inner] = frames;
    for (const frame of inner) expect(frame.y - (vpc?.y ?? 0)).toBeGreaterThan(16);
  });
});

describe("[PLAT-10] docs/images/platform.svg", () => {
  it("is what production's plan draws: npm run docs writes it", async () => {
    const file = readFileSync(join(REPOSITORY, "docs", "images", "platform.svg"), "utf8");
    expect(file === platformDocument(await planStack("production"))).toBe(true);
  });

  it("is empty for a stack that is applied to a cluster which is there already", async () => {
    expect(platformOf(await planStack("staging", REPOSITORY, "local")).nodes).toEqual([]);
  });
});

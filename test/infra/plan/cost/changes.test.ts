import { Stack } from "../../../../constructs/settings";
import { costOf } from "../../../../infra/plan/cost/cost";
import { SYSTEMS } from "../../../../infra/plan/cost/model";
import type { Plan } from "../../../../infra/plan/model";
import { planWith } from "../../../support/aws-plans";
import { costs, differing, planBoth, plans } from "./costs";

const without = (type: string): Plan => ({
  ...plans.production,
  resources: plans.production.resources.filter((resource) => resource.type !== type),
});

beforeAll(planBoth, 120_000);

describe("A setting changes the lines it must, and no other:", () => {
  const pool = SYSTEMS.map((system) => `nodes.general.${system}`).sort();

  it.each<[Stack, string, unknown, string[]]>([
    ["production", "aws.network.nat", "single", ["address.nat", "nat.gateway"]],
    ["production", "aws.network.interfaceEndpoints", false, ["endpoint.data", "endpoint.interface"]],
    ["production", "aws.data.databaseMultiAz", false, ["rds.instance", "rds.storage"]],
    ["production", "aws.karpenter.buffer.nodes", 4, ["disks.buffer", "nodes.buffer"]],
    ["production", "aws.karpenter.general.capacity", "on-demand", pool],
    ["production", "aws.observability.logDays", 60, ["s3.logs"]],
    ["production", "aws.network.flowLogDays", 0, ["logs.flow-logs-group", "logs.flow-logs-group.kept"]],
  ])(
    "[PLAT-12] %s, %s: %j",
    async (stack, setting, value, lines) => {
      expect(differing(costs[stack], costOf(await planWith(stack, { [setting]: value }))!)).toEqual(lines);
    },
    120_000,
  );
});

describe("The documents' figures", () => {
  it("[PLAT-12] stand beside ours, line by line, with what the clones add as the comparable sum", () => {
    const { comparison, bySystem } = costs.production;
    const total = comparison.find(({ figure }) => figure === "~$74–124");
    expect(total).toMatchObject({ usd: bySystem.clones });
    const parts = comparison.slice(0, 4).reduce((sum, { usd }) => sum + Math.round(usd * 100), 0);
    expect(parts).toBe(Math.round(bySystem.clones * 100));
    expect(comparison.map(({ figure }) => figure)).toEqual(
      expect.arrayContaining(["~$24", "~$50–100", "$0", "< $166", "~$40"]),
    );
    for (const { because } of comparison) expect(because).toMatch(/\S{3}/);
  });

  it("[PLAT-12] of the warm nodes are held against two t2.small at the same prices", () => {
    const [warm] = costs.production.comparison;
    // 2 × 0.0105 × 730 by spot, 2 × 0.0268 × 730 on demand; one clone fits on each.
    expect(warm?.because).toContain("$15.33");
    expect(warm?.because).toContain("$39.13");
    expect(warm?.because).toContain("hold 2 clones");
  });
});

describe("What would change the cost", () => {
  it("[PLAT-12] is worked out: one NAT gateway saves what the stack with one saves", async () => {
    const single = costOf(await planWith("production", { "aws.network.nat": "single" }))!;
    const saved = Math.round((costs.production.total - single.total) * 100) / 100;
    expect(costs.production.levers.join("\n")).toContain(`would save $${saved.toFixed(2)} a month`);
    expect(costs.staging.levers.join("\n")).toContain(`would add $${saved.toFixed(2)} a month`);
  }, 120_000);

  it("[PLAT-12] names what the plan has, and nothing that it hasn't", () => {
    expect(costs.staging.levers.join("\n")).not.toContain("Without interface endpoints");
    const bare = costOf(without("aws:rds/instance:Instance"))!;
    expect(bare.levers.join("\n")).not.toContain("databaseMultiAz");
  });
});

import { BUFFER_INSTANCES, Stack, STACKS } from "../../../../constructs/settings";
import { costOf, PRICED } from "../../../../infra/plan/cost/cost";
import { FREE_TYPES } from "../../../../infra/plan/cost/free";
import { CostLine, SYSTEMS } from "../../../../infra/plan/cost/model";
import { INSTANCES, PRICES } from "../../../../infra/plan/cost/prices";
import { SOURCES } from "../../../../infra/plan/cost/sources";
import type { PlannedResource } from "../../../../infra/plan/model";
import { planStack } from "../../../../infra/plan/plan";
import { planWith } from "../../../support/aws-plans";
import { REPOSITORY } from "../../../support/pulumi-project";
import { changed, costs, lineOf, manifestsOf, planBoth, plans, problemsOf } from "./costs";

const BY_ARGO_CD = { by: "argocd", repository: "https://github.com/acme/loomworks-platform" };

const usdOf = (stack: Stack, id: string) => lineOf(costs[stack], id).usd;

beforeAll(planBoth, 120_000);

describe("A stack's cost", () => {
  // Worked out by hand from the settings and the price list of eu-central-1.
  it.each<[Stack, string, number]>([
    ["production", "eks.cluster", 73], // 0.10 × 730
    ["production", "nodes.system", 251.21], // 3 × 0.11471 × 730
    ["staging", "nodes.system", 70.96], // 2 × 0.0486 × 730, by spot
    ["production", "disks.system", 11.42], // 3 × 40 × 0.0952
    ["production", "nodes.buffer", 420.48], // 3 × 0.192 × 730
    ["staging", "nodes.buffer", 27.89], // 2 × 0.0191 × 730, by spot
    ["production", "disks.buffer", 14.28], // 3 × 50 × 0.0952
    ["production", "nat.gateway", 113.88], // 3 × 0.052 × 730
    ["staging", "nat.gateway", 37.96], // 1 × 0.052 × 730
    ["production", "nat.data", 5.2], // 100 × 0.052
    ["production", "address.nat", 10.95], // 3 × 0.005 × 730
    ["production", "endpoint.interface", 157.68], // 6 services × 3 zones × 0.012 × 730
    ["production", "endpoint.data", 1.2], // 6 × 20 × 0.01
    ["production", "alb.balancer", 19.71], // 0.027 × 730
    ["production", "alb.capacity", 5.84], // 0.008 × 730
    ["production", "address.balancer", 10.95], // 3 zones × 0.005 × 730
    ["production", "rds.instance", 108.04], // 2 × 0.074 × 730
    ["staging", "rds.instance", 13.87], // 0.019 × 730
    ["production", "rds.storage", 13.7], // 2 × 50 × 0.137
    ["production", "rds.backup", 0], // 25 GB × (1 + 0.05 × 14) is less than the disk
    ["production", "rds.dedicated", 13.87], // 1 × 0.019 × 730
    ["production", "rds.dedicated.storage", 2.74], // 20 × 0.137
    ["production", "efs.storage", 142.99], // (100 + 1024 + 200) × 0.3 × 0.36
    ["production", "efs.backup", 23.83], // 397.2 × 0.06
    ["production", "ebs.loomworks.postgres-data", 19.04], // 200 × 0.0952
    ["production", "ebs.clones.clone-redis-data", 0.48], // 5 × 0.0952
    ["production", "ebs.kube-prometheus.prometheus", 9.52], // 2 replicas × 50 × 0.0952
    ["production", "s3.backups", 3.68], // 5 × 30 days × 0.0245
    ["production", "s3.backups.old", 2.25], // 5 × 90 days × 0.005
    ["production", "s3.logs", 1.81], // 2 × 37 days × 0.0245
    ["production", "kms.key-key", 1],
    ["production", "kms.requests", 1.2], // 4 keys × 10 × 0.03
    ["production", "sqs.requests", 0.2], // 0.5 × 0.40
    ["production", "logs.eks-logs", 12.6], // 20 × 0.63
    ["production", "logs.eks-logs.kept", 1.17], // 20 × 365 ÷ 30.4 × 0.15 × 0.0324
    ["production", "dns.zone.loomworks.app", 0.5],
    ["production", "transfer.internet", 9], // 100 × 0.09
    ["production", "transfer.zones", 4], // 2 × 200 × 0.01
  ])("[PLAT-12] of %s has the line %s of $%d", (stack, id, usd) => {
    expect(usdOf(stack, id)).toBe(usd);
  });

  it.each(STACKS)("[PLAT-12] of %s is the sum of its lines, in all and by system, to the cent", (stack) => {
    const { lines, total, bySystem } = costs[stack];
    const inCents = (part: readonly CostLine[]) => part.reduce((sum, { usd }) => sum + Math.round(usd * 100), 0);
    expect(Math.round(total * 100)).toBe(inCents(lines));
    for (const system of SYSTEMS) {
      expect(Math.round(bySystem[system] * 100)).toBe(inCents(lines.filter((line) => line.system === system)));
    }
    for (const { usd } of lines) expect(usd).toBe(Math.round(usd * 100) / 100);
  });

  it.each(STACKS)(
    "[PLAT-12] of %s has formula, source, date and resources in each line, and each line once",
    (stack) => {
      const { lines } = costs[stack];
      const urns = new Set(plans[stack].resources.map(({ urn }) => urn));
      expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
      for (const { formula, price, quantity, resources, usd } of lines) {
        const [amount, rate, hours = "1"] = formula
          .match(/[\d.,]+(?:e-\d+)?(?=\/| ×| h|$)/g)!
          .map((text) => text.replaceAll(",", ""));
        expect(Number(amount)).toBe(quantity);
        expect(Math.abs(Number(amount) * Number(rate) * Number(hours) - usd)).toBeLessThan(0.006);
        expect(price.date).toMatch(/^20\d\d-\d\d-\d\d$/);
        expect(price.source).not.toBe("");
        expect(resources.length).toBeGreaterThan(0);
        for (const urn of resources) expect(urns).toContain(urn);
      }
    },
  );

  it("[PLAT-12] shares the general pool by what pods ask for, in whole nodes", () => {
    const shares = SYSTEMS.map((system) => lineOf(costs.production, `nodes.general.${system}`).quantity);
    const nodes = shares.reduce((sum, share) => sum + share, 0);
    expect(nodes).toBeCloseTo(Math.round(nodes), 2);
    const more = costOf(plans.production, { assumptions: { clonesBeyondBuffer: 50 } })!;
    const clones = lineOf(more, "nodes.general.clones");
    expect(clones.quantity).toBeGreaterThan(shares[1]! + 4);
    expect(more.bySystem.clones).toBeGreaterThan(costs.production.bySystem.clones);
  });

  it("is none where nothing is made in AWS", async () => {
    expect(costOf(await planStack("staging", REPOSITORY, "local"))).toBeUndefined();
  }, 60_000);
});

describe("Every resource", () => {
  it.each(["static", "capacityBuffer"])(
    "[PLAT-12] is priced or known to be free, with warm nodes by %s and delivery by Argo CD too",
    async (mode) => {
      const plan = await planWith("production", { "aws.karpenter.buffer.mode": mode, "aws.delivery": BY_ARGO_CD });
      const { lines } = costOf(plan, { manifests: manifestsOf("production") })!;
      expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
      expect(lines.filter(({ id }) => id === "nodes.buffer")).toMatchObject([{ usd: 420.48 }]);
    },
    120_000,
  );

  it("[PLAT-12] of a kind that nobody thought of is an error, with a component of a package among them", () => {
    const [stack] = plans.staging.resources;
    const strange = (type: string, custom: boolean): PlannedResource => ({
      ...stack!,
      type,
      custom,
      urn: `urn:${type}`,
      path: `strange > ${type}`,
      parent: stack!.urn,
    });
    const resources = [strange("aws:elasticache/cluster:Cluster", true), strange("awsx:ecs:FargateService", false)];
    const plan = { ...plans.staging, resources: [...plans.staging.resources, ...resources] };
    const codes = problemsOf(() => costOf(plan)).map(({ code, value }) => [code, value]);
    expect(codes).toEqual([
      ["COST_UNPRICED", "aws:elasticache/cluster:Cluster"],
      ["COST_UNPRICED", "awsx:ecs:FargateService"],
    ]);
  });

  it("[PLAT-12] is either priced or free, not both", () => {
    expect(Object.keys(PRICED).filter((type) => FREE_TYPES.has(type))).toEqual([]);
  });

  it("[PLAT-12] counts once, whether the program applies it or Argo CD", async () => {
    const byArgoCd = await planWith("production", { "aws.delivery": BY_ARGO_CD });
    const bare = costOf(byArgoCd)!;
    const whole = costOf(byArgoCd, { manifests: manifestsOf("production") })!;
    expect(whole.total).toBeGreaterThan(bare.total);
    expect(lineOf(whole, "ebs.loomworks.postgres-data")).toMatchObject({ usd: 19.04, system: "loomworks" });
    const twice = costOf(plans.production, { manifests: manifestsOf("production") })!;
    expect(twice.lines).toEqual(costs.production.lines);
  }, 120_000);

  it("[PLAT-12] that a controller makes a load balancer of is counted, or refused where it can't be", () => {
    const door = (kind: string, version: string, spec: object): PlannedResource => ({
      ...plans.staging.resources[0]!,
      type: `kubernetes:${version}:${kind}`,
      custom: true,
      path: "access > clones/door",
      inputs: { apiVersion: "v1", kind, metadata: { name: "door", namespace: "clones" }, spec },
    });
    const withDoor = (...doors: PlannedResource[]) => ({
      ...plans.staging,
      resources: [...plans.staging.resources, ...doors],
    });
    const ingress = door("Ingress", "networking.k8s.io/v1", { ingressClassName: "alb" });
    expect(lineOf(costOf(withDoor(ingress, ingress))!, "alb.door")).toMatchObject({ usd: 19.71, system: "clones" });
    const service = withDoor(door("Service", "core/v1", { type: "LoadBalancer" }));
    expect(problemsOf(() => costOf(service)).map(({ code }) => code)).toEqual(["COST_UNPRICED"]);
  });
});

describe("A price that isn't there", () => {
  it("[PLAT-12] of a region is an error, not a wrong number, and another region's are had by asking", () => {
    const elsewhere = changed(plans.staging, "aws", { region: "eu-west-1" });
    const [problem, ...others] = problemsOf(() => costOf(elsewhere));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "COST_REGION", path: "aws.region", value: "eu-west-1" });
    expect(costOf(elsewhere, { region: "us-east-1" })).toMatchObject({ region: "us-east-1" });
    expect(lineOf(costOf(elsewhere, { region: "us-east-1" })!, "nat.gateway").usd).toBe(32.85);
  });

  it("[PLAT-12] of a type of instances or of databases is one problem each, all told at once", () => {
    const strange = changed(
      changed(plans.production, "system-group", { instanceTypes: ["m9z.large"] }),
      "shared-database-instance",
      { instanceClass: "db.x9.large" },
    );
    expect(problemsOf(() => costOf(strange)).map(({ code, value }) => [code, value])).toEqual([
      ["COST_PRICE", "EC2 m9z.large"],
      ["COST_PRICE", "RDS for MySQL db.x9.large"],
    ]);
  });

  it("[PLAT-12] is none of those that the settings allow for warm nodes", () => {
    expect(Object.keys(BUFFER_INSTANCES).filter((type) => !(type in INSTANCES))).toEqual([]);
  });

  it("[PLAT-12] says where it is from, and never that it was checked where it wasn't", () => {
    const used = Object.values(PRICES).flatMap(({ quotes }) => Object.values(quotes).map(([, source]) => source));
    for (const source of used) expect(SOURCES[source].title).not.toBe("");
    expect(costs.production.uncheckedShare).toBeGreaterThan(0);
    expect(SOURCES.memory.confidence).toBe("unchecked");
  });
});

import { numberOf, quantityText } from "../../../../../infra/plan/report/facts/quantities";
import { shareOf } from "../../../../../infra/plan/report/facts/quotas";
import { podResources } from "../../../../../infra/plan/report/facts/resources";
import { factsOf } from "../../../../../infra/plan/report/facts/stack";
import { PRODUCTION, STAGING } from "../fixtures/loomworks";
import { objectsFrom } from "../fixtures/input";

const NO_DEFAULTS = { request: {}, limit: {} };
const needing = (cpu: string) => ({ name: "any", resources: { requests: { cpu } } });

describe("[LOOM-16] quantities", () => {
  it.each([
    ["500m", 0.5],
    ["2", 2],
    [2, 2],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["100M", 1e8],
    ["1e3", 1000],
    ["250u", 0.00025],
  ])("reads %j as %d", (text, value) => {
    expect(numberOf(text)).toBeCloseTo(value, 10);
  });

  it("has no number for what is none", () => {
    expect(numberOf("1 Gi")).toBeNaN();
  });

  it("writes cores and bytes the way people read them", () => {
    expect(quantityText("requests.cpu", 0.25)).toBe("250m");
    expect(quantityText("cpu", 1.5)).toBe("1.5");
    expect(quantityText("requests.storage", 2 ** 41)).toBe("2Ti");
    expect(quantityText("pods", 12)).toBe("12");
  });
});

describe("[LOOM-16] what a pod asks for", () => {
  it("counts sidecars with the containers", () => {
    const spec = {
      containers: [needing("1")],
      initContainers: [{ ...needing("200m"), restartPolicy: "Always" }],
    };
    expect(podResources(spec, NO_DEFAULTS).requests).toEqual({ cpu: 1.2 });
  });

  it("counts an init container only where it needs more than what runs later", () => {
    const spec = { containers: [needing("1")], initContainers: [needing("500m")] };
    expect(podResources(spec, NO_DEFAULTS).requests).toEqual({ cpu: 1 });
    expect(podResources({ ...spec, initContainers: [needing("3")] }, NO_DEFAULTS).requests).toEqual({ cpu: 3 });
  });

  it("counts sidecars that started before an init container with it, and those after it not", () => {
    const sidecar = { ...needing("1"), restartPolicy: "Always" };
    const before = { containers: [needing("1")], initContainers: [sidecar, needing("3")] };
    const after = { containers: [needing("1")], initContainers: [needing("3"), sidecar] };
    expect(podResources(before, NO_DEFAULTS).requests).toEqual({ cpu: 4 });
    expect(podResources(after, NO_DEFAULTS).requests).toEqual({ cpu: 3 });
  });

  it("takes a limit for a request that is missing, and the LimitRange for both", () => {
    const limited = { containers: [{ name: "any", resources: { limits: { cpu: "2" } } }] };
    const defaults = { request: { cpu: "100m", memory: "64Mi" }, limit: { memory: "128Mi" } };
    expect(podResources(limited, defaults)).toEqual({
      requests: { cpu: 2, memory: 64 * 2 ** 20 },
      limits: { cpu: 2, memory: 128 * 2 ** 20 },
    });
  });
});

describe("[LOOM-16] what a stack takes of its quota", () => {
  const rowsOf = (sizes: typeof STAGING) =>
    new Map(factsOf(objectsFrom(sizes)).quotas[0]!.rows.map((row) => [row.resource, row]));

  it("is told for the fewest pods, for the most with every job running, and for a rollout then", () => {
    // 2 to 4 of Odoo, Odoo's cron, PostgreSQL; then a backup; then one more of Odoo.
    expect(rowsOf(STAGING).get("pods")?.used).toEqual({ fewest: 4, most: 7, rollout: 8 });
  });

  it("goes beyond the whole where the quota is too small, and says so", () => {
    const pods = rowsOf(PRODUCTION).get("pods")!;
    expect(shareOf(pods, "fewest")).toBeCloseTo(0.4);
    expect(shareOf(pods, "rollout")).toBeCloseTo(1.4);
  });

  it("counts claims once, and those of a StatefulSet for each pod", () => {
    expect(rowsOf(STAGING).get("requests.storage")?.used?.most).toBe((50 + 20 + 20) * 2 ** 30);
  });
});

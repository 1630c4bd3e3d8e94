import { runInNewContext } from "node:vm";
import { stepFormula } from "../../../../clones/templates/service/worker-steps";
import { CLONE_SECRETS } from "../../../../constructs/contract";
import { CHARTS, CRDS } from "../../../../constructs/versions";
import { synthesizeClones } from "../../../support/clone-charts";
import { WORKERS_BY_JOBS } from "./worker-table";

/** The formula in expr's language, whose part that it uses means the same in JavaScript. */
function workersAt(waiting: number, prioritized: number, active: number): number {
  return runInNewContext(stepFormula(), { waiting, prioritized, active }) as number;
}

/** What the autoscaler makes of an average of 1: kubernetes replica_calculator.go, GetExternalPerPodMetricReplicas. */
function desired(metric: number, current: number): number {
  const TOLERANCE = 0.1;
  return Math.abs(1 - metric / current) <= TOLERANCE ? current : Math.ceil(metric);
}

const manifests = synthesizeClones();
const scaled = () => manifests.find("ScaledObject", "clone-worker").spec;

describe("[PLAT-04] The number of workers", () => {
  it.each(WORKERS_BY_JOBS)("for %i jobs is %i, wherever in the queue they are", (jobs, workers) => {
    expect(workersAt(jobs, 0, 0)).toBe(workers);
    expect(workersAt(0, jobs, 0)).toBe(workers);
    expect(workersAt(0, 0, jobs)).toBe(workers);
    const third = Math.floor(jobs / 3);
    expect(workersAt(third, third, jobs - 2 * third)).toBe(workers);
  });

  it("is what the autoscaler makes of it, from each step to each other", () => {
    const steps = [...new Set(WORKERS_BY_JOBS.map(([, workers]) => workers))];
    for (const current of steps) for (const next of steps) expect(desired(next, current)).toBe(next);
  });

  it("reaches each step at once: on the way down one more than a step would be within the tolerance, and stay", () => {
    const { scaleUp, scaleDown } = scaled().advanced.horizontalPodAutoscalerConfig.behavior;
    expect(desired(10, 11)).toBe(11);
    expect(scaleDown).toEqual({
      stabilizationWindowSeconds: 300,
      policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
    });
    expect(scaleUp).toEqual({
      stabilizationWindowSeconds: 0,
      policies: [{ type: "Pods", value: 20, periodSeconds: 15 }],
    });
  });

  it("lies between the first step's and the last one's", () => {
    const { minReplicaCount, maxReplicaCount } = scaled();
    expect([minReplicaCount, maxReplicaCount]).toEqual([workersAt(0, 0, 0), workersAt(1e6, 0, 0)]);
  });
});

describe("[PLAT-04] KEDA", () => {
  it("reads the keys that BullMQ has, with Redis' password", () => {
    const { triggers } = scaled();
    expect(triggers.map(({ type, name, metadata }: any) => [type, name, metadata.listName])).toEqual([
      ["redis", "waiting", "bull:clone-jobs:wait"],
      ["redis", "prioritized", "bull:clone-jobs:prioritized"],
      ["redis", "active", "bull:clone-jobs:active"],
    ]);
    for (const { metadata, authenticationRef } of triggers) {
      expect(metadata.address).toBe("clone-redis.clones.svc.cluster.local:6379");
      expect(manifests.find("TriggerAuthentication", authenticationRef.name).spec.secretTargetRef).toEqual([
        { parameter: "password", name: CLONE_SECRETS.redis.name, key: "password" },
      ]);
    }
  });

  it("knows each name of the formula by a trigger", () => {
    const names = scaled().triggers.map(({ name }: any) => name);
    const asked = [...new Set(stepFormula().match(/[a-z]+/g))];
    expect(asked.sort()).toEqual([...names].sort());
    expect(scaled().advanced.scalingModifiers).toMatchObject({
      formula: stepFormula(),
      target: "1",
      metricType: "AverageValue",
    });
  });

  it("falls back to a usual day's workers, or leaves more, when it can't read the queue", () => {
    expect(scaled().fallback).toEqual({
      // One more, and it never falls back: worker-scaling-trouble.cluster.test.ts.
      failureThreshold: 0,
      replicas: 5,
      behavior: "currentReplicasIfHigher",
    });
    // KEDA (pkg/fallback/fallback.go, HasValidFallback) reads the target as a whole number, or has no fallback.
    expect(scaled().advanced.scalingModifiers.target).toMatch(/^[1-9]\d*$/);
  });

  it("alone decides how many there are: the Deployment says nothing", () => {
    expect(scaled().scaleTargetRef).toEqual({ name: "clone-worker" });
    expect(manifests.find("Deployment", "clone-worker").spec).not.toHaveProperty("replicas");
  });

  it("is of the version whose kinds these are", () => {
    expect(`v${CHARTS.keda.version}`).toBe(CRDS.keda.version);
  });

  it("has no part in it where the stack does without", () => {
    const without = synthesizeClones({ service: { worker: { autoscale: false, replicas: 3 } } });
    expect(without.find("Deployment", "clone-worker").spec.replicas).toBe(3);
    const kinds = without.objects.map(({ kind }) => kind);
    expect(kinds).not.toContain("ScaledObject");
    expect(JSON.stringify(without.objects)).not.toContain("keda");
  });
});

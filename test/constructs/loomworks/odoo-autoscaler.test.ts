import { Testing } from "cdk8s";
import { OdooAutoscaler, OdooAutoscalerProps } from "../../../constructs/loomworks/odoo-autoscaler";

function synthesize(props: Partial<OdooAutoscalerProps> = {}) {
  const chart = Testing.chart();
  new OdooAutoscaler(chart, "autoscaler", { deployment: "odoo", ...props });
  const [autoscaler] = Testing.synth(chart) as [any];
  return autoscaler.spec;
}

describe("[LOOM-10] Odoo's autoscaler", () => {
  it("keeps 2 to 10 replicas by default, at 70 % CPU and 80 % memory", () => {
    const { minReplicas, maxReplicas, metrics } = synthesize();
    const percentOf = Object.fromEntries(
      metrics.map(({ resource }: any) => [resource.name, resource.target.averageUtilization]),
    );
    expect({ minReplicas, maxReplicas, ...percentOf }).toEqual({
      minReplicas: 2,
      maxReplicas: 10,
      cpu: 70,
      memory: 80,
    });
  });

  it("waits five minutes before it shrinks, then takes at most a tenth a minute, and never less than one", () => {
    const { scaleDown } = synthesize().behavior;
    expect(scaleDown.stabilizationWindowSeconds).toBe(300);
    expect(scaleDown.policies).toContainEqual({ type: "Percent", value: 10, periodSeconds: 60 });
    expect(scaleDown.policies).toContainEqual({ type: "Pods", value: 1, periodSeconds: 60 });
  });

  it("names every wrong property in one error", () => {
    expect(() => synthesize({ minReplicas: 1, maxReplicas: 0 })).toThrow(
      /ODOO_MIN_REPLICAS .*minReplicas: got 1;[^\n]*\nODOO_MAX_REPLICAS .*maxReplicas: got 0;/,
    );
  });
});

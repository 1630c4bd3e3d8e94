import { requested } from "./autoscaling";

const pod = (...cpus: (string | undefined)[]) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "odoo" },
  spec: { containers: cpus.map((cpu) => ({ resources: cpu === undefined ? {} : { requests: { cpu } } })) },
});

describe("the load of the story", () => {
  it("is what all containers of all pods ask for, in cores", () => {
    expect(requested([pod("250m", "20m"), pod("1"), pod(undefined)])).toBeCloseTo(1.27);
  });

  it("is nothing where nobody asks for anything", () => {
    expect(requested([])).toBe(0);
  });
});

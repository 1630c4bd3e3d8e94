import { startsOf } from "./images";

const pod = (startedAt: string, ready: string, container: object = {}, is = "True") => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "odoo" },
  spec: { containers: [{ name: "web", image: "odoo:19" }] },
  status: {
    conditions: [{ type: "Ready", status: is, lastTransitionTime: ready }],
    containerStatuses: [{ name: "web", restartCount: 0, state: { running: { startedAt } }, ...container }],
  },
});

describe("How long images take to start", () => {
  it("is what passes until their pods are ready, shortest first", () => {
    const pods = [
      pod("2026-11-22T10:00:00Z", "2026-11-22T10:00:07Z"),
      pod("2026-11-22T10:00:05Z", "2026-11-22T10:00:08Z"),
    ];
    expect([...startsOf(pods)]).toEqual([["odoo:19", [3, 7]]]);
  });

  it("is told by no pod that isn't ready, or whose container was started again", () => {
    const times = ["2026-11-22T10:00:00Z", "2026-11-22T10:00:07Z"] as const;
    expect([...startsOf([pod(...times, {}, "False"), pod(...times, { restartCount: 1 })])]).toEqual([]);
  });
});

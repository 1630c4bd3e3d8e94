import type { Figures } from "./figures";
import { answeredOf } from "./latency";
import { rowsOf } from "./rows";
import { secondsUntil } from "./warmth";

const MIB = 2 ** 20;
const BEGAN = { began: "2026-11-22T10:00:00.000Z", seconds: 300, failures: [] };
const taken = (component: string, mebibytes: number) => ({
  component,
  pods: 2,
  meanCores: 0.05,
  mostCores: 0.1,
  mostBytes: mebibytes * MIB,
});
const answered = (p50: number, p99: number) => ({ name: "GET", sent: 200, p50, p99, most: 2 * p99, errors: {} });
const table = (figures: Partial<Figures>) => Object.fromEntries(rowsOf({ ...BEGAN, ...figures }));

describe("The bench of the pods, for people", () => {
  it("has no row for what wasn't asked for", () => {
    expect(table({})).toEqual({ "all of it, from nothing": "300 s" });
  });

  it("tells how large an image is, and how long until it serves", () => {
    const rows = table({
      images: [
        { name: "odoo", bytes: 269e6, seconds: [3, 4, 7] },
        { name: "redis", bytes: 9e6, seconds: [1] },
        { name: "rclone", bytes: 9e6, seconds: [] },
      ],
    });
    expect(rows).toMatchObject({
      "image odoo": "269 MB, ready 3 to 7 s after its start",
      "image redis": "9 MB, ready 1 s after its start",
      "image rclone": "9 MB, nobody runs it",
    });
  });

  it("has one for each part that failed", () => {
    expect(table({ failures: ["api: it was away"] })).toMatchObject({ failed: "api: it was away" });
  });

  it("sets a busy API against the same at rest", () => {
    const api = { asked: [5, 9, 9], seconds: [20, 61], failures: ["503 no room"], taken: [] };
    const rows = table({ api: { ...api, rest: [answered(4, 10)], busy: [answered(6, 35)] } });
    expect(rows["GET, p50 / p99"]).toBe(
      "at rest 4.0 ms / 10 ms, longest 20 ms, no errors of 200; " +
        "while ten clones are made 6.0 ms / 35 ms, longest 70 ms, no errors of 200; that is 1.5 and 3.5 times",
    );
    expect(rows["ten clones asked for at once"]).toBe(
      "2 of 3 completed; the first after 20.0 s, the last after 61.0 s; the first that failed: 503 no room",
    );
  });

  it("tells errors instead of hiding them among the answers", () => {
    const figures = answeredOf("GET", { sent: 4, milliseconds: [1, 2, 3], errors: { 503: 1 }, bodies: [] });
    expect(figures).toMatchObject({ p50: 2, p99: 3, most: 3, errors: { 503: 1 } });
    const api = { asked: [1], seconds: [1], failures: [], taken: [], rest: [figures], busy: [figures] };
    expect(table({ api })["GET, p50 / p99"]).toContain("1 503 of 4");
  });

  it("sets the fastest cold clone against the fastest warm one, to both moments", () => {
    const made = (...pairs: readonly [number, number][]) => pairs.map(([serves, completed]) => ({ serves, completed }));
    const rows = table({
      warm: { warm: made([3, 9], [2, 8]), sidecar: made([12, 24], [13, 26]), shared: made([8, 20]) },
    });
    expect(rows["a cold one with its own MySQL"]).toBe(
      "12.0 s / 24.0 s, 13.0 s / 26.0 s: 6.0 and 3.0 times a warm one",
    );
  });

  it("reads from a job's events when its WordPress served", () => {
    const event = (at: string, said: string | null) =>
      `id: 1\nevent: progress\ndata: ${JSON.stringify({ at: `2026-11-22T10:00:0${at}Z`, status_message: said })}\n\n`;
    const stream =
      event("1.250", null) + ": still here\n\n" + event("4.500", "Copying the site") + event("6", "Copying the site");
    expect(secondsUntil("Copying the site", stream)).toBe(3.25);
    expect(secondsUntil("Copying the site", "")).toBeNaN();
  });

  it("tells what a node holds by the scheduler, by the sum, and by the buffer's", () => {
    const rows = table({
      capacity: {
        uncapped: {
          clone: { cpu: 500, memory: 512 },
          allocatable: { cpu: 2000, memory: 8192, pods: 110 },
          taken: { cpu: 900, memory: 4096, pods: 30 },
          expected: { count: 2, by: "cpu" },
          asked: 5,
          placed: 2,
          refusal: "0/1 nodes are available: 1 Insufficient cpu. no new claims",
          ready: 2,
          seconds: 30,
        },
        computed: [
          {
            node: "t3.medium",
            allocatable: { cpu: 1930, memory: 3246 },
            daemonSets: { cpu: 300, memory: 408 },
            clone: { cpu: 500, memory: 512 },
            clonesPerNode: 3,
          },
        ],
      },
    });
    const [measured] = Object.entries(rows).filter(([what]) => what.startsWith("clones at once on this node"));
    expect(measured![1]).toContain("2 of 5 placed (2 by the sum, cpu runs out)");
    expect(measured![1]).toContain("the scheduler says: 0/1 nodes are available: 1 Insufficient cpu");
    expect(rows["computed for t3.medium"]).toBe("3 clones of 500m and 512Mi in 1630m and 2838Mi");
  });

  it("has a component's figures at rest beside those of later", () => {
    const api = { asked: [1], seconds: [1], failures: [], rest: [], busy: [], taken: [taken("clones/api", 200)] };
    const rows = table({ rest: [taken("clones/api", 150), taken("(etcd)", 80)], api });
    expect(rows["memory and CPU of clones/api"]).toBe(
      "at rest 150 MiB in 2 pods, 50m (at most 100m); ten clones 200 MiB in 2 pods, 50m (at most 100m)",
    );
    expect(rows["memory and CPU of (etcd)"]).toMatch(/^at rest 80 MiB/);
  });
});

import { describeWithCluster, eventually, MetricsSource } from "../../cluster";
import { installStack } from "../../support/dist";

const NAMESPACE = "loomworks";
const LABELS = { "app.kubernetes.io/name": "odoo" };
const AUTOSCALER = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { namespace: NAMESPACE, name: "odoo" },
};

/** The documents: a lower need must last five minutes, then at most a tenth of the replicas goes each minute. */
const WINDOW_MS = 300_000;
const MINUTE_MS = 60_000;
/** What the controller's own period may shave off, since it counts whole rounds. */
const TOLERANCE_MS = 6_000;

describeWithCluster("[LOOM-10] Odoo's autoscaler on the real controller", { own: true, nodes: 3 }, (cluster) => {
  let metrics: MetricsSource;
  const replicas = async () => Number((await cluster().client.get(AUTOSCALER)).status?.desiredReplicas ?? 0);

  beforeAll(async () => {
    metrics = await MetricsSource.serve(cluster());
    metrics.setPods(NAMESPACE, LABELS, { cpu: "500m", memory: "1Gi" });
    await installStack(cluster(), "production");
  });
  afterAll(async () => await metrics.stop());

  it("begins with two replicas, goes to ten under load, and comes down a tenth a minute after five quiet minutes", async () => {
    await eventually(async () => (await replicas()) === 2, { what: "two replicas", timeoutMs: 60_000 });

    metrics.setPods(NAMESPACE, LABELS, { cpu: "1500m", memory: "1Gi" });
    await eventually(async () => (await replicas()) === 10, { what: "ten replicas", timeoutMs: 120_000 });

    metrics.setPods(NAMESPACE, LABELS, { cpu: "10m", memory: "100Mi" });
    const quiet = Date.now();
    await eventually(async () => (await replicas()) === 9, {
      what: "nine replicas",
      timeoutMs: 420_000,
      intervalMs: 500,
    });
    const first = Date.now();
    await eventually(async () => (await replicas()) !== 9, {
      what: "the next step",
      timeoutMs: 180_000,
      intervalMs: 500,
    });
    const second = Date.now();

    expect(first - quiet).toBeGreaterThan(WINDOW_MS - TOLERANCE_MS);
    expect(second - first).toBeGreaterThan(MINUTE_MS - TOLERANCE_MS);
    expect(await replicas()).toBe(8);
  }, 900_000);

  it("goes up by memory as well", async () => {
    metrics.setPods(NAMESPACE, LABELS, { cpu: "10m", memory: "3Gi" });
    await eventually(async () => (await replicas()) === 10, { what: "ten replicas by memory", timeoutMs: 120_000 });
  }, 130_000);
});

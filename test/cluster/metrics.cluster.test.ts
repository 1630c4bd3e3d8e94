import type { KubeObject } from "./client";
import { describeWithCluster, eventually, MetricsSource, readyPods } from "./index";

const LABELS = { app: "busy" };
const DEPLOYMENT: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "default", name: "busy" },
  spec: {
    replicas: 2,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: { containers: [{ name: "main", image: "example/web:1", resources: { requests: { cpu: "100m" } } }] },
    },
  },
};
const AUTOSCALER: KubeObject = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { namespace: "default", name: "busy" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "busy" },
    minReplicas: 2,
    maxReplicas: 6,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } }],
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
  },
};

describeWithCluster("metrics that a test sets", { own: true, nodes: 3, autoscalerSyncSeconds: 1 }, (cluster) => {
  let metrics: MetricsSource;
  beforeAll(async () => {
    metrics = await MetricsSource.serve(cluster());
  });
  afterAll(async () => await metrics.stop());

  it("are what the API server serves for pods and nodes", async () => {
    metrics.setNode("node-0", { cpu: "2", memory: "4Gi" });
    const nodes = await cluster().client.list("metrics.k8s.io/v1beta1", "NodeMetrics");
    expect(nodes).toEqual([expect.objectContaining({ usage: { cpu: "2", memory: "4Gi" } })]);
  });

  it("drive the real autoscaler up and down", async () => {
    metrics.setPods("default", LABELS, { cpu: "150m", memory: "64Mi" });
    await cluster().apply([DEPLOYMENT, AUTOSCALER]);
    const ready = async () => (await readyPods(cluster().client, "default", "app=busy")).length;
    await eventually(async () => (await ready()) === 6, { what: "6 replicas at 150 % CPU", timeoutMs: 90_000 });
    metrics.setPods("default", LABELS, { cpu: "10m", memory: "64Mi" });
    await eventually(async () => (await ready()) === 2, { what: "2 replicas at 10 % CPU", timeoutMs: 90_000 });
  });
});

/** Everything that the program sends to the API server, before a real one: with the makers' CRDs, and their CEL rules. */
import type { Stack } from "../../../constructs/settings";
import { describeWithCluster, KubeObject } from "../../cluster";
import { AWS_STACKS, Change, planInAws, SentObject, sentObjects } from "../../support/aws-plans";
import { CRDS } from "../../support/dist";
import { MISTAKES } from "./mistakes";

/** API groups of the makers whose CRDs are pinned. */
const GROUPS = [
  "argoproj.io",
  "autoscaling.x-k8s.io",
  "cert-manager.io",
  "karpenter.k8s.aws",
  "karpenter.sh",
  "keda.sh",
  "kro.run",
  "monitoring.coreos.com",
  "traefik.io",
];

/** What no API server is asked here: Secrets' values nobody knows, and the load balancer controller's kind is in no Go module. */
const LEFT_OUT = ["Secret", "TargetGroupBinding"];

const isCustom = ({ apiVersion }: SentObject) => GROUPS.includes(apiVersion.split("/")[0]!);

const plans = new Map<string, SentObject[]>();
const sentBy = (stack: Stack, change: Change) => plans.get(`${stack} ${change}`)!;
const customBy = (stack: Stack, change: Change) => sentBy(stack, change).filter(isCustom) as KubeObject[];
const everySent = () => [...plans.values()].flat();

// Before the cluster starts: a plan leaves connections no time, and they would be closed.
beforeAll(async () => {
  for (const [stack, change] of AWS_STACKS) {
    plans.set(`${stack} ${change}`, sentObjects(await planInAws(stack, change)));
  }
}, 240_000);

describeWithCluster("The program's objects, on a real API server", { nodes: 0 }, (cluster) => {
  beforeAll(async () => {
    await cluster().installCrds([CRDS]);
    const namespaces = everySent().filter(({ kind }) => kind === "Namespace");
    await cluster().apply(namespaces, { force: true });
  });

  const removing = async (objects: readonly KubeObject[], work: () => Promise<void>) => {
    try {
      await work();
    } finally {
      for (const object of objects) await cluster().client.delete(object);
    }
  };

  it("are of every kind that the program has of Karpenter, KEDA, cert-manager, Traefik and Argo CD", () => {
    const kinds = everySent()
      .filter(isCustom)
      .map(({ kind }) => kind);
    expect([...new Set(kinds)].sort()).toEqual([
      "AppProject",
      "Application",
      "CapacityBuffer",
      "Certificate",
      "ClusterIssuer",
      "EC2NodeClass",
      "Issuer",
      "Middleware",
      "NodePool",
      "PrometheusRule",
      "ResourceGraphDefinition",
      "ScaledObject",
      "ServersTransport",
      "ServiceMonitor",
      "TriggerAuthentication",
    ]);
  });

  it.each(AWS_STACKS)(
    "[PLAT-07] [PLAT-02] of %s with %s are taken as they are, and keep every field",
    async (stack, change) => {
      const objects = customBy(stack, change);
      await removing(objects, async () => {
        const applied = await cluster().apply(objects);
        expect(applied.map(({ outcome }) => outcome)).toEqual(objects.map(() => "created"));
        objects.forEach(({ spec }, index) => expect(applied[index]!.object.spec).toMatchObject(spec));
        const again = await cluster().apply(objects);
        expect(again.filter(({ outcome }) => outcome !== "unchanged").map(({ name }) => name)).toEqual([]);
      });
    },
  );

  it.each(AWS_STACKS)("[PLAT-11] of %s with %s are taken, of Kubernetes' own kinds too", async (stack, change) => {
    const others = sentBy(stack, change).filter((one) => !isCustom(one) && !LEFT_OUT.includes(one.kind));
    expect(others.length).toBeGreaterThan(20);
    await cluster().apply(others, { dryRun: true, force: true });
  });

  it("[PLAT-03] let a running stack change how its warm nodes are kept, there and back", async () => {
    const changes = AWS_STACKS.filter(([stack]) => stack === "staging").map(([stack, change]) =>
      customBy(stack, change).filter(({ kind }) => kind === "NodePool"),
    );
    await removing(changes.flat(), async () => {
      // Pulumi deletes what went after it has made what came.
      for (const pools of [...changes, changes[0]!]) await cluster().apply(pools);
    });
  });

  it.each(MISTAKES)("refuse $what", async ({ kind, name, make, answer }) => {
    const found = everySent().find((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
    const sound = structuredClone(found) as KubeObject;
    await cluster().apply([sound], { dryRun: true });
    const spoilt = structuredClone(sound);
    make(spoilt.spec, spoilt);
    await expect(cluster().apply([spoilt], { dryRun: true })).rejects.toThrow(answer);
  });

  it("[PLAT-03] refuse to make a pool static that was not", async () => {
    const isPool = ({ kind, metadata }: KubeObject) => kind === "NodePool" && metadata.name === "buffer-pool";
    const pool = customBy(...AWS_STACKS[0]!).find(isPool)!;
    await removing([pool], async () => {
      await cluster().apply([pool]);
      const spec = { ...pool.spec, replicas: 2, limits: { nodes: "3" } };
      await expect(cluster().apply([{ ...pool, spec }])).rejects.toThrow(
        "Cannot transition NodePool between static (replicas set) and dynamic",
      );
    });
  });
});

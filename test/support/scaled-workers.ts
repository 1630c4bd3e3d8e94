/** The clone workers as dist has them, whose number a real KEDA tells by a suite's own Redis. */
import { setTimeout as sleep } from "node:timers/promises";
import { ACCOUNTS } from "../../clones/templates/accounts";
import { AUTOSCALER } from "../../clones/templates/service/worker-steps";
import { CLONE_SECRETS, CLONE_SERVICE_NAMESPACE } from "../../constructs/contract";
import { Cluster, eventually, KubeObject } from "../cluster";
import { readManifests } from "./dist";
import type { RedisServer } from "./redis-server";

const NAME = ACCOUNTS.worker;
const NAMESPACE = CLONE_SERVICE_NAMESPACE;

/** Kinds that the namespace's own file has, and those of the workers. */
const OF_NAMESPACE = ["Namespace", "ResourceQuota", "LimitRange"];
const OF_WORKERS = ["ServiceAccount", "Deployment", "PodDisruptionBudget", "TriggerAuthentication", "ScaledObject"];

/** How often the autoscaler looks in these suites, in place of Kubernetes' fifteen seconds; KEDA is set to the same. */
export const LOOK_SECONDS = 1;

/** What {@link describeWithCluster} needs for it. */
export const WITH_KEDA = {
  own: true,
  nodes: 3,
  volumes: false,
  controllers: ["keda"],
  autoscalerSyncSeconds: LOOK_SECONDS,
} as const;

export class ScaledWorkers {
  private constructor(private readonly cluster: Cluster) {}

  /** Applies dist's objects: but for Redis' address and how often KEDA looks, as they are. Returns when two workers run. */
  static async install(cluster: Cluster, redis: RedisServer): Promise<ScaledWorkers> {
    const workers = new ScaledWorkers(cluster);
    const objects = readManifests("staging").filter(isTheirs);
    const applied = objects.filter(({ kind }) => kind !== "ScaledObject");
    await cluster.apply([...applied, ...secretsOf(applied), secretWith(redis.password)]);
    await cluster.apply(objects.filter(({ kind }) => kind === "ScaledObject").map((one) => forTests(one, redis)));
    await workers.until(2);
    return workers;
  }

  /** Replicas of the Deployment, as the autoscaler set them. */
  async replicas(): Promise<number> {
    return (await this.cluster.client.get(reference("apps/v1", "Deployment"))).spec.replicas;
  }

  /** Returns the seconds it took until there were so many, and none more came or went for three looks. */
  async until(count: number, timeoutMs = 40_000): Promise<number> {
    const started = Date.now();
    const what = `${count} workers`;
    await eventually(async () => (await this.replicas()) === count, { what, timeoutMs });
    const seconds = (Date.now() - started) / 1000;
    await this.stay(count, 3 * LOOK_SECONDS);
    return seconds;
  }

  /** Sees that there are so many for so long. */
  async stay(count: number, seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      expect(await this.replicas()).toBe(count);
      await sleep(200);
    }
  }

  /** What KEDA answers the autoscaler at this moment. */
  async asked(): Promise<number> {
    const { spec } = await this.cluster.client.get(this.autoscaler);
    const { name, selector } = spec.metrics[0].external.metric;
    const labelSelector = Object.entries(selector.matchLabels as Record<string, string>).map(
      ([key, value]) => `${key}=${value}`,
    );
    const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${NAMESPACE}/${name}`;
    const { items } = await this.cluster.client.request("GET", path, {
      query: { labelSelector: labelSelector.join() },
    });
    return Number(items[0].value);
  }

  /** Status of the ScaledObject's condition of that type. */
  async condition(type: string): Promise<string | undefined> {
    const { status } = await this.cluster.client.get(this.scaledObject);
    return status?.conditions?.find((one: any) => one.type === type)?.status;
  }

  /** Changes the ScaledObject as an apply of other manifests would. */
  async change(change: (spec: any) => void): Promise<void> {
    const { spec } = await this.cluster.client.get(this.scaledObject);
    change(spec);
    await this.cluster.client.merge(this.scaledObject, { spec });
  }

  /** Gives KEDA another password than Redis has, or the right one again. */
  async setPassword(password: string): Promise<void> {
    await this.cluster.apply([secretWith(password)], { force: true });
  }

  get autoscaler() {
    return {
      ...reference("autoscaling/v2", "HorizontalPodAutoscaler"),
      metadata: { namespace: NAMESPACE, name: AUTOSCALER },
    };
  }

  get scaledObject() {
    return reference("keda.sh/v1alpha1", "ScaledObject");
  }
}

function reference(apiVersion: string, kind: string) {
  return { apiVersion, kind, metadata: { namespace: NAMESPACE, name: NAME } };
}

function isTheirs({ kind, metadata }: KubeObject): boolean {
  if (OF_NAMESPACE.includes(kind)) return (metadata.namespace ?? metadata.name) === NAMESPACE;
  return OF_WORKERS.includes(kind) && metadata.namespace === NAMESPACE && metadata.name === NAME;
}

function secretWith(password: string): KubeObject {
  const metadata = { namespace: NAMESPACE, name: CLONE_SECRETS.redis.name };
  return { apiVersion: "v1", kind: "Secret", metadata, stringData: { password } };
}

/** What the workers' environment takes from Secrets: KEDA reads all of it before it builds a scaler, or builds none. */
function secretsOf(objects: readonly KubeObject[]): KubeObject[] {
  const { containers } = objects.find(({ kind }) => kind === "Deployment")!.spec.template.spec;
  const references = containers[0].env.flatMap(({ valueFrom }: any) => valueFrom?.secretKeyRef ?? []);
  const names = new Set<string>(references.map(({ name }: { name: string }) => name));
  names.delete(CLONE_SECRETS.redis.name);
  return [...names].map((name) => {
    const keys = references.filter((one: { name: string }) => one.name === name);
    const stringData = Object.fromEntries(keys.map(({ key }: { key: string }) => [key, "for-tests-only"]));
    return { apiVersion: "v1", kind: "Secret", metadata: { namespace: NAMESPACE, name }, stringData };
  });
}

function forTests(scaledObject: KubeObject, { host, port }: RedisServer): KubeObject {
  const { spec } = scaledObject;
  const triggers = spec.triggers.map((trigger: any) => ({
    ...trigger,
    metadata: { ...trigger.metadata, address: `${host}:${port}` },
  }));
  return { ...scaledObject, spec: { ...spec, pollingInterval: LOOK_SECONDS, triggers } };
}

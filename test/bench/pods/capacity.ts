/** What one small node holds: clones asked for at once, until the scheduler has no room for the next. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { cloneIdAt, withSuffix } from "../../../clones/domain/clone-id";
import { CLONE_LABELS, CLONE_RESOURCE } from "../../../constructs/contract";
import type { Amount } from "../../../infra/karpenter/buffer-capacity";
import { ClusterClient, eventually, isReady, KubeObject, listPods } from "../../cluster";
import { overcommit } from "../../e2e/platform/overcommit";
import { withoutPool } from "../../e2e/wordpress/pool";
import { clone, STAGING } from "../../support/clone-cluster";
import { Computed, computedRooms } from "./computed";
import { allocatableRoom, askedFor, fitting, Room, takenRoom } from "./room";
import type { Stage } from "./stage";

/** Asked for beyond what should fit, so that some find no room. */
const MORE = 3;

const PLACED_MILLISECONDS = 60_000;
const READY_MILLISECONDS = 60_000;
const GONE_MILLISECONDS = 90_000;

/** It waits for no schema, and asks for as much as a clone on the shared server. */
const DATABASE = "sqlite";

/** The graph's Job of a clone that has no MySQL beside it. */
const GRAPH_NODE = "job";

/** Clones that were asked for at once. */
export interface Asked {
  /** What each of them asks for. */
  readonly clone: Amount;
  readonly allocatable: Room;
  /** What everything else on the node asks for. */
  readonly taken: Room;
  /** By the sum, and what runs out first. */
  readonly expected: { readonly count: number; readonly by: keyof Room };
  readonly asked: number;
  /** That the scheduler found room for. */
  readonly placed: number;
  /** The scheduler's word on the others. */
  readonly refusal: string | undefined;
  /** Of those that were placed, within a minute; and seconds until the last of them. */
  readonly ready: number;
  readonly seconds: number;
}

export interface CapacityFigures {
  /** With the story's cap on what pods ask for; absent where the cluster has none. */
  readonly capped?: Asked;
  /** With clones that ask for what dist says, beside a platform that asks for what it asked for before. */
  readonly uncapped: Asked;
  /** What infra/karpenter/buffer-capacity.ts says. */
  readonly computed: readonly Computed[];
}

/** The pool stands aside: its pods would take the room, and give it back. */
export async function measureCapacity({ world }: Stage): Promise<CapacityFigures> {
  const { client } = world.cluster;
  const computed = computedRooms();
  const [, binding] = overcommit([]) as [KubeObject, KubeObject];
  return await withoutPool(world, async () => {
    if ((await client.find(binding)) === undefined) return { uncapped: await askFor(client), computed };
    const capped = await askFor(client);
    await client.delete(binding);
    try {
      await eventually(async () => (await sizeOfNext(client)).cpu > capped.clone.cpu, { what: "the end of the cap" });
      return { capped, uncapped: await askFor(client), computed };
    } finally {
      await client.create(binding);
    }
  });
}

/** Asks for some more than there should be room for, looks what becomes of them, and takes them back. */
async function askFor(client: ClusterClient): Promise<Asked> {
  const [node] = await client.list("v1", "Node");
  if (node === undefined) throw new Error("the cluster has no node");
  const size = await sizeOfNext(client);
  // What ends has its room until it has ended.
  await eventually(async () => (await listPods(client, STAGING)).every(isThere), {
    what: "the end of all pods that were told to end",
    timeoutMs: GONE_MILLISECONDS,
    intervalMs: 500,
  });
  const [allocatable, taken] = [allocatableRoom(node), takenRoom(await client.list("v1", "Pod"), node.metadata.name)];
  const expected = fitting(allocatable, taken, size);
  const names = Array.from({ length: expected.count + MORE }, () => nameNow());
  const begun = performance.now();
  try {
    await Promise.all(names.map((name) => client.create(cloneNamed(name))));
    const pods = await eventually(async () => verdicts(await podsOf(client, names), names.length), {
      what: `the scheduler's word on ${names.length} clones`,
      timeoutMs: PLACED_MILLISECONDS,
      intervalMs: 500,
    });
    const placed = pods.filter(({ spec }) => spec.nodeName !== undefined).length;
    const ready = await mostReady(client, names, placed);
    const seconds = (performance.now() - begun) / 1000;
    const refusal = pods.map((pod) => refusalOf(pod)).find((said) => said !== undefined);
    return { clone: size, allocatable, taken, expected, asked: names.length, placed, refusal, ready, seconds };
  } finally {
    await takeBack(client, names);
  }
}

function isThere({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined;
}

/** All of them, once each was placed or refused. */
function verdicts(pods: readonly KubeObject[], count: number): readonly KubeObject[] | undefined {
  const told = pods.filter((pod) => pod.spec.nodeName !== undefined || refusalOf(pod) !== undefined);
  return told.length === count ? told : undefined;
}

export function refusalOf({ status }: KubeObject): string | undefined {
  const said = status?.conditions?.find(({ type }: any) => type === "PodScheduled");
  return said?.status === "False" && said.reason === "Unschedulable" ? String(said.message) : undefined;
}

/** Waits for all that were placed, but not for ever. @returns how many got ready */
async function mostReady(client: ClusterClient, names: readonly string[], placed: number): Promise<number> {
  const end = Date.now() + READY_MILLISECONDS;
  for (;;) {
    const ready = (await podsOf(client, names)).filter(isReady).length;
    if (ready >= placed || Date.now() > end) return ready;
    await sleep(1000);
  }
}

async function takeBack(client: ClusterClient, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => client.delete(cloneNamed(name))));
  await eventually(async () => (await podsOf(client, names)).length === 0, {
    what: "the end of all clones of the bench",
    timeoutMs: GONE_MILLISECONDS,
    intervalMs: 500,
  });
}

async function podsOf(client: ClusterClient, names: readonly string[]): Promise<KubeObject[]> {
  const pods = await listPods(client, STAGING, CLONE_LABELS.clone);
  return pods.filter(({ metadata }) => names.includes(metadata.labels?.[CLONE_LABELS.clone] ?? ""));
}

/** What the next clone's pod would ask for, as admission leaves it: a dry run of the containers of the graph's own. */
async function sizeOfNext(client: ClusterClient): Promise<Amount> {
  const graphs = await client.list("kro.run/v1alpha1", "ResourceGraphDefinition");
  const ofClones = graphs.filter(({ spec }) => spec.schema.kind === CLONE_RESOURCE.kind);
  const [job] = ofClones.flatMap(({ spec }) => spec.resources as any[]).filter(({ id }) => id === GRAPH_NODE);
  const { securityContext, containers } = job.template.spec.template.spec;
  const same = containers.map(({ name, resources, securityContext: own }: any) => {
    return { name, image: "none", resources, securityContext: own };
  });
  const metadata = { name: nameNow(), namespace: STAGING };
  const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: { securityContext, containers: same } };
  const path = `/api/v1/namespaces/${STAGING}/pods`;
  return askedFor(await client.request<KubeObject>("POST", path, { body: pod, query: { dryRun: "All" } }));
}

function nameNow(): string {
  return withSuffix(cloneIdAt(new Date()), randomBytes);
}

function cloneNamed(name: string): KubeObject {
  const customerId = `bench-${name.slice(-4)}`;
  return clone(name, { customerId, database: DATABASE, ttlSeconds: 600 });
}

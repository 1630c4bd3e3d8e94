/** `pulumi up` of the local target without Pulumi: the same program, the same order, the same waits, and no state but one Secret. */
import type { Stack } from "../../../../constructs/settings";
import { InvalidInputError } from "../../../../constructs/shared/problems";
import {
  Applied,
  applyStrict,
  ClusterClient,
  ClusterError,
  events,
  eventually,
  KubeObject,
  nameOf,
} from "../../../cluster";
import { inOrder } from "./in-order";
import { keepValues, readValues } from "./kept-values";
import { objectsOfProgram, Registered } from "./program";
import { isAwaited, readinessOf } from "./readiness";

export interface WavesOptions {
  /** Where progress goes: a line a wave. @default nowhere */
  readonly report?: (line: string) => void;
  /** Longest wait for one object. @default 600000, Pulumi's own for Deployments, StatefulSets and Jobs */
  readonly timeoutMs?: number;
  /** Between two looks at an object that is waited for. @default 500 */
  readonly intervalMs?: number;
}

const DEFAULTS = { report: () => undefined, timeoutMs: 600_000, intervalMs: 500 } as const;

type Settled = Required<WavesOptions>;

/** How many of the last events of a namespace an error tells. */
const TOLD_EVENTS = 8;

/**
 * Applies what the program registers for a stack whose target is local; each wave begins when the one before is ready.
 * Passwords are made at the first run and stay, but for those that `loomworks:rotate` names. Nothing is deleted that the
 * program no longer has.
 *
 * @param root folder with the stack files and `dist/`
 * @returns what it did to each object, in the order in which they became ready
 * @throws {InvalidInputError} naming every problem with settings or dist before anything is applied; then every object that
 *   was refused or did not become ready
 */
export async function applyInWaves(
  client: ClusterClient,
  stack: Stack,
  root: string,
  options: WavesOptions = {},
): Promise<Applied[]> {
  const settled = { ...DEFAULTS, ...options };
  const values = await readValues(client);
  const registered = await objectsOfProgram(stack, root, values);
  await keepValues(client, values);
  const told = new Progress(registered, settled.report);
  const applied: Applied[] = [];
  await inOrder(registered, async (part) => {
    applied.push(await applyOne(client, part.object));
    await awaitReady(client, part.object, settled);
    told.done(part);
  });
  return applied;
}

async function applyOne(client: ClusterClient, object: KubeObject): Promise<Applied> {
  // One that gave up stays so: asked for again, it is to try again.
  if (object.kind === "Job" && (await hasGivenUp(client, object))) await remove(client, object);
  try {
    return await applyAlone(client, object);
  } catch (error) {
    if (object.kind !== "Job" || !isImmutable(error)) throw error;
    // As Pulumi replaces what can't be changed: under this name there is only one.
    await remove(client, object);
    return await applyAlone(client, object);
  }
}

async function applyAlone(client: ClusterClient, object: KubeObject): Promise<Applied> {
  const [applied] = await applyStrict(client, [object]);
  return applied!;
}

async function hasGivenUp(client: ClusterClient, job: KubeObject): Promise<boolean> {
  const live = await client.find(job);
  return live !== undefined && (await readinessOf(live, client)).is === "failed";
}

async function remove(client: ClusterClient, object: KubeObject): Promise<void> {
  await client.delete(object, "Foreground");
  await eventually(async () => (await client.find(object)) === undefined, { what: `the end of ${nameOf(object)}` });
}

function isImmutable(error: unknown): boolean {
  return (
    error instanceof InvalidInputError && error.problems.some(({ reason }) => reason.includes("field is immutable"))
  );
}

async function awaitReady(
  client: ClusterClient,
  object: KubeObject,
  { timeoutMs, intervalMs }: Settled,
): Promise<void> {
  if (!isAwaited(object)) return;
  let last = "nobody looked";
  const look = async () => {
    const readiness = await readinessOf(await client.get(object), client);
    if (readiness.is === "waiting") last = readiness.because;
    return readiness.is !== "waiting" && readiness;
  };
  const end = await eventually(look, { what: nameOf(object), timeoutMs, intervalMs }).catch(() => undefined);
  if (end?.is === "ready") return;
  const because = end?.is === "failed" ? end.because : `${last}, after ${timeoutMs / 1000} s`;
  throw new ClusterError({
    code: "E2E_NOT_READY",
    path: nameOf(object),
    value: null,
    reason: `${because}. Last events: ${await lastEvents(client, object)}`,
    remedy: "Look at its pods' logs; --keep leaves the cluster as it is",
  });
}

async function lastEvents(client: ClusterClient, { metadata }: KubeObject): Promise<string> {
  const all = await events(client, metadata.namespace ?? "default").catch(() => []);
  return all.slice(-TOLD_EVENTS).join(" | ") || "none";
}

/** Tells of each wave when its last object is ready. */
class Progress {
  private readonly left = new Map<string, number>();
  private readonly all: ReadonlyMap<string, number>;
  private readonly started = Date.now();

  constructor(
    parts: readonly Registered[],
    private readonly report: (line: string) => void,
  ) {
    for (const { wave } of parts) this.left.set(wave, (this.left.get(wave) ?? 0) + 1);
    this.all = new Map(this.left);
  }

  done({ wave }: Registered): void {
    const left = (this.left.get(wave) ?? 0) - 1;
    this.left.set(wave, left);
    const seconds = ((Date.now() - this.started) / 1000).toFixed(1);
    if (left === 0) this.report(`${wave}: ${this.all.get(wave) ?? 0} objects ready after ${seconds} s`);
  }
}

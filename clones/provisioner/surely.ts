/** Requests whose answer may get lost on its way: made again until the server says something, and nothing made twice. */
import { randomUUID } from "node:crypto";
import type { Clock } from "./clock";
import { Kube, KubeObject, Resource, statusOf } from "./kube";

/** On what was created: which request made it. Read to know one's own again. */
export const REQUEST_ANNOTATION = "clones.betaweb.ai/request";

/** Between one try and the next; the last failure is told. */
const PAUSES_MILLISECONDS = [200, 400, 800, 1_600, 3_200, 5_000] as const;

/** A connection may die without a word. The server itself gives a request a minute, etcd's part of it far less. */
const ANSWER_MILLISECONDS = 30_000;

/** Whether nobody knows if it was done: no answer at all, or that of a server, or something before it, in trouble. */
export function isLost(error: unknown): boolean {
  return (statusOf(error) ?? 500) >= 500;
}

/**
 * Makes a request that does no harm when it is made again.
 *
 * @throws what the server said, or after all the tries what became of the last
 */
export async function untilAnswered<T>(clock: Clock, request: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MILLISECONDS) {
    try {
      return await inTime(clock, request());
    } catch (error) {
      if (!isLost(error)) throw error;
      await clock.sleep(pause);
    }
  }
  return await inTime(clock, request());
}

/**
 * Creates an object, once: if an answer got lost after the object was made, the next try finds the name taken, and the
 * token tells by whom.
 *
 * @throws the server's 409 if the name is another's
 */
export async function createSurely<T extends KubeObject>(
  kube: Pick<Kube, "create" | "find">,
  clock: Clock,
  resource: Resource,
  namespace: string,
  body: Pick<KubeObject, "metadata"> & Readonly<Record<string, unknown>>,
): Promise<T> {
  const token = randomUUID();
  const annotations = { ...body.metadata.annotations, [REQUEST_ANNOTATION]: token };
  const marked = { ...body, metadata: { ...body.metadata, annotations } };
  return await untilAnswered(clock, async () => {
    try {
      return await kube.create<T>(resource, namespace, marked);
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      const found = await kube.find<T>(resource, namespace, body.metadata.name);
      if (found?.metadata.annotations?.[REQUEST_ANNOTATION] === token) return found;
      throw error;
    }
  });
}

async function inTime<T>(clock: Clock, answer: Promise<T>): Promise<T> {
  const end = new AbortController();
  const late = clock.sleep(ANSWER_MILLISECONDS, end.signal).then(() => {
    throw new Error(`no answer within ${ANSWER_MILLISECONDS / 1000} s`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    end.abort();
  }
}

/** Clones as they change: a watch that outlives broken connections and forgotten versions. */
import { KubeConfig, Watch } from "@kubernetes/client-node";
import { CLONE_RESOURCE } from "../../constructs/contract";
import type { WordPressClone } from "../domain/clone";
import type { Clock } from "./clock";
import { Kube, statusOf } from "./kube";

export type CloneEvent =
  /** All there are, at the beginning and whenever the server no longer knew where we were. */
  | { readonly type: "all"; readonly clones: readonly WordPressClone[] }
  | { readonly type: "changed"; readonly clone: WordPressClone }
  | { readonly type: "gone"; readonly clone: WordPressClone };

export interface WatchScope {
  readonly namespace: string;
  /** One clone alone. @default all */
  readonly name?: string;
}

/** Where events come from; a test may play it. */
export type EventSource = (path: string, query: Query, signal: AbortSignal) => AsyncIterable<RawEvent>;

export interface RawEvent {
  readonly type: string;
  readonly object: WordPressClone & { readonly code?: number };
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The server ends a watch after this, so that a connection that died unnoticed is replaced. */
const TIMEOUT_SECONDS = 240;
/** Between tries while the server can't be reached. */
const BACKOFF_MILLISECONDS = { first: 100, most: 5_000 } as const;
const GONE = 410;

/** Begins with {@link CloneEvent} `all`, and ends when the signal aborts. */
export async function* watchClones(
  kube: Kube,
  scope: WatchScope,
  clock: Clock,
  signal: AbortSignal,
  source: EventSource = eventsOf(kube.config),
): AsyncGenerator<CloneEvent> {
  const { group, version, plural } = CLONE_RESOURCE;
  const path = `/apis/${group}/${version}/namespaces/${scope.namespace}/${plural}`;
  const fieldSelector = scope.name === undefined ? undefined : `metadata.name=${scope.name}`;
  let resourceVersion: string | undefined;
  let backoff: number = BACKOFF_MILLISECONDS.first;
  while (!signal.aborted) {
    try {
      if (resourceVersion === undefined) {
        const list = await kube.list<WordPressClone>(CLONE_RESOURCE, scope.namespace, { fieldSelector });
        resourceVersion = list.metadata.resourceVersion;
        yield { type: "all", clones: list.items };
      }
      const query = { fieldSelector, resourceVersion, allowWatchBookmarks: true, timeoutSeconds: TIMEOUT_SECONDS };
      for await (const { type, object } of source(path, query, signal)) {
        if (type === "ERROR") throw Object.assign(new Error("The watch ended"), { statusCode: object.code });
        resourceVersion = object.metadata.resourceVersion;
        backoff = BACKOFF_MILLISECONDS.first;
        if (type === "ADDED" || type === "MODIFIED") yield { type: "changed", clone: object };
        if (type === "DELETED") yield { type: "gone", clone: object };
      }
      // Ended by the server, as it does from time to time: on from where we were, but never in a tight loop.
      await clock.sleep(BACKOFF_MILLISECONDS.first, signal);
    } catch (error) {
      if (isAborted(signal)) return;
      const status = statusOf(error);
      if (status === 401 || status === 403) throw error;
      if (status === GONE) resourceVersion = undefined;
      await clock.sleep(backoff, signal).catch(() => undefined);
      backoff = Math.min(backoff * 2, BACKOFF_MILLISECONDS.most);
    }
  }
}

/** The client's callbacks, as something to iterate over. Throws what broke the connection. */
function eventsOf(config: KubeConfig): EventSource {
  return async function* (path, query, signal) {
    const events: RawEvent[] = [];
    let ended: { readonly error?: unknown } | undefined;
    let wake: () => void = () => undefined;
    const end = (error?: unknown) => {
      ended ??= { error };
      wake();
    };
    const stop = () => end();
    signal.addEventListener("abort", stop, { once: true });
    const connection = new Watch(config).watch(
      path,
      { ...query },
      (type: string, object: RawEvent["object"]) => {
        events.push({ type, object });
        wake();
      },
      (error: unknown) => end(error ?? undefined),
    );
    connection.catch(end);
    try {
      for (;;) {
        for (let event = events.shift(); event !== undefined; event = events.shift()) yield event;
        if (ended !== undefined) break;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      if (ended.error !== undefined) throw ended.error as Error;
    } finally {
      signal.removeEventListener("abort", stop);
      void connection.then((controller) => controller.abort()).catch(() => undefined);
    }
  };
}

/** Read anew: it changes while we wait. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

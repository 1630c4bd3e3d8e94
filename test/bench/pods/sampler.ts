/** Looks at all components while something goes on. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../cluster";
import { Programs } from "./processes";
import { Taken, takenOf, Usages, usagesOf } from "./usage";

/** Half of the metrics server's own rhythm: no figure of it is missed. */
const INTERVAL_MILLISECONDS = 5_000;

const METRICS = "/apis/metrics.k8s.io/v1beta1/pods";

export class Sampler {
  private readonly programs: Programs | undefined;

  constructor(private readonly cluster: Pick<Cluster, "client" | "folder">) {
    if (cluster.folder !== undefined) this.programs = new Programs(cluster.folder);
  }

  /** What each component takes until `work` is over. */
  async during<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly taken: readonly Taken[] }> {
    const looks: Usages[] = [];
    const over = new AbortController();
    const looking = this.watch(looks, over.signal);
    try {
      const result = await work();
      return { result, taken: takenOf(looks) };
    } finally {
      over.abort();
      await looking;
    }
  }

  private async watch(looks: Usages[], over: AbortSignal): Promise<void> {
    this.programs?.look();
    for (;;) {
      const told = await sleep(INTERVAL_MILLISECONDS, false, { signal: over }).catch(() => true);
      if (told) return;
      // A busy API server may answer none: the next look has newer figures anyway.
      const seen = await this.look().catch(() => undefined);
      if (seen !== undefined) looks.push(seen);
    }
  }

  private async look(): Promise<Usages> {
    const { client } = this.cluster;
    const [{ items }, pods] = await Promise.all([client.request("GET", METRICS), client.list("v1", "Pod")]);
    return new Map([...usagesOf(items, pods), ...(this.programs?.look() ?? [])]);
  }
}

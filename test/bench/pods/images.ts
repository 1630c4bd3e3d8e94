/** How large images are, and how long after its start a container of each is ready. */
import type { KubeObject } from "../../cluster";
import type { Stage } from "./stage";

export interface ImageFigures {
  readonly name: string;
  /** Of the archive that the node gets it by. */
  readonly bytes: number;
  /** From a container's start until its pod was ready, shortest first: in whole seconds, as the API server has them. */
  readonly seconds: readonly number[];
}

export async function measureImages({ cluster, images }: Stage): Promise<ImageFigures[]> {
  const starts = startsOf(await cluster.client.list("v1", "Pod"));
  return images.map(({ name, bytes }) => ({ name, bytes, seconds: starts.get(name) ?? [] }));
}

/** By image. Whoever isn't ready, or was started again since, tells nothing. */
export function startsOf(pods: readonly KubeObject[]): ReadonlyMap<string, readonly number[]> {
  const starts = new Map<string, number[]>();
  for (const { spec, status } of pods) {
    const ready = status?.conditions?.find(({ type, status: is }: any) => type === "Ready" && is === "True");
    if (ready === undefined) continue;
    for (const { name, image } of spec.containers) {
      const container = status.containerStatuses?.find((one: any) => one.name === name);
      const startedAt: unknown = container?.state?.running?.startedAt;
      if (typeof startedAt !== "string" || container.restartCount > 0) continue;
      const seconds = (Date.parse(ready.lastTransitionTime) - Date.parse(startedAt)) / 1000;
      starts.set(
        image,
        [...(starts.get(image) ?? []), seconds].sort((one, other) => one - other),
      );
    }
  }
  return starts;
}

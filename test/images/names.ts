/** Which images a stack's pods are made of: nobody keeps a list. */
import { IMAGES } from "../../constructs/versions";
import type { KubeObject } from "../cluster";
import { readManifests } from "../support/dist";

/** The copies to a bucket of somebody else's: there is none on a test's machine, so their pods don't run there. */
export const LEFT_OUT: readonly string[] = [IMAGES.rclone];

/** Images of all pods that `dist/staging` starts, by itself or through its graphs, without those that are left out. */
export function storyImages(): string[] {
  return imagesOf(readManifests("staging")).filter((name) => !LEFT_OUT.includes(name));
}

/** Images of all containers in these objects, and what a graph takes where its instance names none. Sorted. */
export function imagesOf(manifests: readonly KubeObject[]): string[] {
  const found = new Set<string>();
  for (const manifest of manifests) {
    for (const image of containerImages(manifest)) {
      for (const name of image.startsWith("${") ? defaultsOf(manifest) : [image]) found.add(name);
    }
  }
  return [...found].sort();
}

/** Of pods at any depth: a CronJob's is as deep as a graph's, and the warm pool's is a ConfigMap's JSON. */
function containerImages(value: unknown): string[] {
  if (typeof value === "string" && value.startsWith("{")) return containerImages(parsed(value));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const own = key === "containers" || key === "initContainers" ? imagesIn(inner) : [];
    return [...own, ...containerImages(inner)];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function imagesIn(containers: unknown): string[] {
  if (!Array.isArray(containers)) return [];
  return containers.flatMap(({ image }: { image?: unknown }) => (typeof image === "string" ? [image] : []));
}

/** In KRO's short form of a schema: `string | default="NAME" description="…"`. */
function defaultsOf(graph: any): string[] {
  const [, name] = /\bdefault="([^"]+)"/.exec(String(graph.spec?.schema?.spec?.image)) ?? [];
  return name === undefined ? [] : [name];
}

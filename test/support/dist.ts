/** The reviewed manifests, and how they get into a test cluster. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LOOMWORKS_SECRETS } from "../../constructs/contract";
import type { Stack } from "../../constructs/settings";
import { Cluster, KubeObject, objectsOf } from "../cluster";

const ROOT = resolve(__dirname, "../..");

/** Every CRD that dist and the program use. */
export const CRDS = join(ROOT, "constructs/imports/crds");

/** Every object of `dist/<stack>/`. */
export function readManifests(stack: Stack): KubeObject[] {
  const folder = join(ROOT, "dist", stack);
  const files = readdirSync(folder).filter((name) => name.endsWith(".k8s.yaml"));
  return files.flatMap((name) => objectsOf(readFileSync(join(folder, name), "utf8")));
}

/** The Secrets that the stack would make, with values of no worth. */
export function contractSecrets(namespace: string, password = "for-tests-only"): KubeObject[] {
  return Object.values(LOOMWORKS_SECRETS).map(({ name, data }) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    stringData: Object.fromEntries(Object.keys(data).map((key) => [key, password])),
  }));
}

/** CRDs, Secrets and manifests of a stack, as the program applies them. */
export async function installStack(cluster: Cluster, stack: Stack): Promise<void> {
  const manifests = readManifests(stack);
  await cluster.installCrds([CRDS]);
  await cluster.apply(manifests.filter(({ kind }) => kind === "Namespace"));
  await cluster.apply(contractSecrets("loomworks"));
  await cluster.apply(manifests);
}

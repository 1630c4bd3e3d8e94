import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { Applied, applyStrict, objectsOf } from "./apply";
import type { ClusterClient } from "./client";
import { eventually } from "./eventually";

const YAML_ENDINGS = [".yaml", ".yml"];

/**
 * Applies every CustomResourceDefinition in these YAML files, and in the files of these folders, and returns when the
 * server serves them all. Other kinds in the files are left out.
 */
export async function installCrds(client: ClusterClient, paths: readonly string[]): Promise<Applied[]> {
  const crds = paths
    .flatMap(yamlFiles)
    .flatMap((file) => objectsOf(readFileSync(file, "utf8")))
    .filter(({ kind }) => kind === "CustomResourceDefinition");
  // Another may have installed it in part, from another version: a test's cluster takes ours.
  const applied = await applyStrict(client, crds, { force: true });
  await Promise.all(
    crds.map((crd) =>
      eventually(async () => isServed(await client.get(crd)), { what: `CRD ${crd.metadata.name} established` }),
    ),
  );
  return applied;
}

function isServed(crd: any): boolean {
  const holds = (type: string) =>
    crd.status?.conditions?.some((one: any) => one.type === type && one.status === "True");
  return holds("Established") && holds("NamesAccepted");
}

function yamlFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => YAML_ENDINGS.includes(extname(name)))
    .sort()
    .map((name) => join(path, name));
}

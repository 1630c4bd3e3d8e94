import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Manifest } from "./checks/manifest";

/** The documents of a file of manifests. */
export function readManifests(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(path, "utf8")).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join("; ")}`);
    return document.toJS() as Manifest;
  });
}

/** The documents of every file of manifests below a folder. */
export function readManifestsBelow(folder: string): Manifest[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return names.filter((name) => name.endsWith(".k8s.yaml")).flatMap((name) => readManifests(join(folder, name)));
}

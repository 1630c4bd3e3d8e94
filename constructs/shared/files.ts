import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "./labels";

export interface FilesProps {
  /** Name of the ConfigMap, and the workload it belongs to. */
  readonly name: string;
  readonly owner: string;
  /** Content by key. */
  readonly data: Readonly<Record<string, string>>;
}

/** A ConfigMap whose content pods can be rolled by: its hash goes onto their template. */
export class Files extends Construct {
  readonly name: string;
  /** Changes with the content, and with nothing else. */
  readonly hash: string;

  constructor(scope: Construct, id: string, { name, owner, data }: FilesProps) {
    super(scope, id);
    this.name = name;
    this.hash = hashOf(data, 16);
    new k8s.KubeConfigMap(this, "Resource", { metadata: { name, labels: objectLabels(owner) }, data: { ...data } });
  }
}

/** First characters of the SHA-256 of a value's JSON. @param length eight tell a handful of names apart */
export function hashOf(value: unknown, length = 8): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, length);
}

/** Annotation with the hash of the files that a pod reads; a change of one rolls the pods. */
export function configHash(...files: readonly Files[]): Record<string, string> {
  return { "loomworks.app/config-hash": files.map(({ hash }) => hash).join("-") };
}

/** The text of each file, by its name without the folder. */
export function readFiles(paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(paths.map((path) => [basename(path), readFileSync(path, "utf8")]));
}

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments, parseDocument } from "yaml";
import { PROJECT, Stack } from "../../constructs/settings";
import type { Manifest } from "../../infra/dist";

export const REPOSITORY = join(__dirname, "..", "..");

/** What a program reads of the project: a copy to spoil. */
export class ProjectCopy {
  readonly root = mkdtempSync(join(tmpdir(), "loomworks-project-"));

  constructor() {
    for (const path of ["dist", "Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.production.yaml"]) {
      cpSync(join(REPOSITORY, path), join(this.root, path), { recursive: true });
    }
  }

  /** Changes one file; the change must hit something, or a test would prove nothing. */
  edit(path: string, from: string, to: string): void {
    const file = join(this.root, path);
    const before = readFileSync(file, "utf8");
    if (!before.includes(from)) throw new Error(`${path} has no ${from}`);
    writeFileSync(file, before.replaceAll(from, to));
  }

  /** Gives a stack's setting a value, as in `set("staging", "aws.karpenter.buffer.mode", "static")`. */
  set(stack: Stack, setting: string, value: unknown): void {
    const file = join(this.root, `Pulumi.${stack}.yaml`);
    const [key, ...path] = setting.split(".");
    const document = parseDocument(readFileSync(file, "utf8"));
    document.setIn(["config", `${PROJECT}:${key}`, ...path], value);
    writeFileSync(file, document.toString());
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }
}

/** Every object of dist, read without the program's own reader. */
export function documentsOf(stack: Stack, root = REPOSITORY): Manifest[] {
  const folder = join(root, "dist", stack);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".k8s.yaml"))
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), "utf8")))
    .map((document) => document.toJS() as Manifest);
}

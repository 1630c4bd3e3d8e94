import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments, parseDocument } from "yaml";
import { PROJECT, Stack, STACKS } from "../../constructs/settings";
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
    const [key, ...path] = setting.split(".");
    this.configure(stack, [`${PROJECT}:${key}`, ...path], value);
  }

  /** Gives any key of a stack's configuration a value. */
  configure(stack: Stack, path: readonly string[], value: unknown): void {
    const file = join(this.root, `Pulumi.${stack}.yaml`);
    const document = parseDocument(readFileSync(file, "utf8"));
    document.setIn(["config", ...path], value);
    writeFileSync(file, document.toString());
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }
}

/** The whole program in a copy, whose stacks apply to the cluster that KUBECONFIG names. */
export class LocalProject extends ProjectCopy {
  constructor() {
    super();
    for (const path of ["clones", "infra", "constructs", "package.json", "tsconfig.json"]) {
      cpSync(join(REPOSITORY, path), join(this.root, path), { recursive: true });
    }
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.root, "node_modules"));
    for (const stack of STACKS) this.edit(`Pulumi.${stack}.yaml`, "config:", `config:\n  ${PROJECT}:target: local`);
  }

  /** Makes dist from the settings of this copy. */
  synthesize(): void {
    const tsx = join("node_modules", ".bin", "tsx");
    execFileSync(tsx, [join("constructs", "synth.ts")], { cwd: this.root, stdio: ["ignore", "ignore", "inherit"] });
  }

  end(): void {
    this.remove(".");
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

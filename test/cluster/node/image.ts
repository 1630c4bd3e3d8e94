/** Images of one program each, written by hand: neither Docker nor a registry is needed for them. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./tool";

export interface ProgramImage {
  /** As pods ask for it. */
  readonly name: string;
  /** A file that needs no library. It is in `/bin`, under the name that it gets here. */
  readonly program: { readonly file: string; readonly name: string };
  readonly entrypoint: readonly string[];
}

/** Writes an image as an archive that containerd imports; whoever runs it is nobody. @returns the archive's path */
export function writeImage(folder: string, { name, program, entrypoint }: ProgramImage): string {
  const root = join(folder, `image-${program.name}`);
  mkdirSync(join(root, "files", "bin"), { recursive: true });
  copyFileSync(program.file, join(root, "files", "bin", program.name));
  runTool("tar", ["-cf", join(root, "layer.tar"), "-C", join(root, "files"), "--owner=0", "--group=0", "bin"]);
  const layer = `sha256:${createHash("sha256")
    .update(readFileSync(join(root, "layer.tar")))
    .digest("hex")}`;
  const config = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Entrypoint: entrypoint, User: "65535:65535" },
    rootfs: { type: "layers", diff_ids: [layer] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [name], Layers: ["layer.tar"] }];
  writeFileSync(join(root, "config.json"), JSON.stringify(config));
  writeFileSync(join(root, "manifest.json"), JSON.stringify(manifest));
  const archive = join(folder, `${program.name}.tar`);
  runTool("tar", ["-cf", archive, "-C", root, "manifest.json", "config.json", "layer.tar"]);
  return archive;
}

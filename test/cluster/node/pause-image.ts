import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PAUSE_IMAGE, PAUSE_PROGRAM } from "./configuration";
import { runTool } from "./tool";

/** Ends when it is told to, and takes the ends of processes that nobody else waits for. */
const PAUSE = "trap 'exit 0' TERM INT; while :; do sleep 86400 & wait; done";

/** Writes the image that every pod's first container runs, as an archive that containerd imports; gives its path. */
export function writePauseImage(folder: string): string {
  const root = join(folder, "pause");
  mkdirSync(join(root, "files", "bin"), { recursive: true });
  copyFileSync(PAUSE_PROGRAM, join(root, "files", "bin", "busybox"));
  runTool("tar", ["-cf", join(root, "layer.tar"), "-C", join(root, "files"), "--owner=0", "--group=0", "bin"]);
  const layer = `sha256:${createHash("sha256")
    .update(readFileSync(join(root, "layer.tar")))
    .digest("hex")}`;
  const config = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Entrypoint: ["/bin/busybox", "sh", "-c", PAUSE], User: "65535:65535" },
    rootfs: { type: "layers", diff_ids: [layer] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [PAUSE_IMAGE], Layers: ["layer.tar"] }];
  writeFileSync(join(root, "config.json"), JSON.stringify(config));
  writeFileSync(join(root, "manifest.json"), JSON.stringify(manifest));
  const archive = join(folder, "pause.tar");
  runTool("tar", ["-cf", archive, "-C", root, "manifest.json", "config.json", "layer.tar"]);
  return archive;
}

/** The system under all stand-ins: Debian's smallest, from the mirror that this machine's apt uses. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IMAGES } from "../../constructs/versions";
import { outputOf } from "../cluster/command";
import { ImageError } from "./errors";
import { run } from "./run";

/** Release that the pinned images of databases are made of, too. */
export const SUITE = IMAGES.postgres.slice(IMAGES.postgres.lastIndexOf("-") + 1);

/** Nothing of an installation, and no device: the runtime brings those. */
const WITHOUT = [
  "./dev/*",
  "./proc/*",
  "./sys/*",
  "./run/*",
  "./tmp/*",
  "./var/cache/*",
  "./var/lib/apt/lists/*",
  "./var/log/*",
];
/** What dpkg.cfg keeps later packages from. */
const UNREAD = ["doc", "info", "man", "locale", "lintian"].map((name) => `./usr/share/${name}/*`);

/**
 * Writes the system as `rootfs.tar` into a folder. About a minute.
 *
 * @throws {ImageError} IMAGE_MIRROR, IMAGE_BUILD
 */
export async function makeBase(folder: string): Promise<void> {
  const mirror = debianMirror();
  const system = mkdtempSync(join(tmpdir(), "loomworks-base-"));
  try {
    await run("debootstrap", ["--variant=minbase", SUITE, system, mirror]);
    const left = [...WITHOUT, ...UNREAD].map((path) => `--exclude=${path}`);
    // No program of a pod may become another user.
    await run("find", [system, "-xdev", "-type", "f", "-perm", "/6000", "-exec", "chmod", "a-s", "{}", "+"]);
    await run("tar", [
      "--create",
      "--numeric-owner",
      ...left,
      "--file",
      join(folder, "rootfs.tar"),
      "--directory",
      system,
      ".",
    ]);
  } finally {
    rmSync(system, { recursive: true, force: true });
  }
}

/** What apt's sources of this machine name for the suite. */
function debianMirror(): string {
  const format = "$(RELEASE) $(COMPONENT) $(REPO_URI)";
  const sources = outputOf("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]) ?? "";
  const mirror = new RegExp(`^${SUITE} main (\\S+)$`, "m").exec(sources)?.[1];
  if (mirror !== undefined) return mirror;
  throw new ImageError({
    code: "IMAGE_MIRROR",
    path: "/etc/apt",
    value: "no such source",
    reason: `stand-ins for images are made of Debian ${SUITE}, whose mirror apt's sources don't name`,
    remedy: `Add Debian ${SUITE} to them, or build where the registries are reachable`,
  });
}

/** What apt needs of this machine, such as a proxy, for a build's secret: it may hold a password. */
export function aptSettings(folder: string): string {
  const settings = outputOf("apt-config", ["dump", "Acquire"]) ?? "";
  const file = join(folder, "apt.conf");
  const lines = settings.split("\n").filter((line) => !/::(IndexTargets|Changelogs)\b/.test(line));
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return file;
}

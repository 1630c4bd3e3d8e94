import { homedir } from "node:os";
import { join } from "node:path";
import type { Program } from "../programs/program";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where everything that was built is kept, for every work tree of this user. */
export function cacheFolder(env: Environment = process.env): string {
  const { XDG_CACHE_HOME: asked } = env;
  // Set but empty counts as not set, says the standard.
  return join(asked === undefined || asked === "" ? join(homedir(), ".cache") : asked, "loomworks-platform");
}

/** File of a built program: its version is in the name, so that branches with other versions don't fight. */
export function cachedProgram({ name, version, source }: Program, env?: Environment): string {
  return join(cacheFolder(env), "bin", `${name}-${version}${source.static ? "-static" : ""}`);
}

/** Folder of what was kept beside a program, such as its CRDs. */
export function cachedAsset({ name, version }: Program, asset: string, env?: Environment): string {
  return join(cacheFolder(env), "assets", `${name}-${version}`, asset);
}

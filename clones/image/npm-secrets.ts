/** What npm needs of this machine in a build: its settings, a registry's token among them, and the machine's authorities. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Ids of the Dockerfiles' secrets. */
export type NpmSecrets = Partial<Record<"npmrc" | "authorities", string>>;

/** Files that are there. A build reads them in the steps that call npm, and no layer has them. */
export function npmSecrets(env: Readonly<Record<string, string | undefined>> = process.env): NpmSecrets {
  const npmrc = env.NPM_CONFIG_USERCONFIG ?? npmSetting("userconfig");
  const authorities = env.NODE_EXTRA_CA_CERTS ?? npmSetting("cafile");
  return {
    ...(isFile(npmrc) && { npmrc }),
    ...(isFile(authorities) && { authorities }),
  };
}

function npmSetting(name: string): string {
  return spawnSync("npm", ["config", "get", name], { encoding: "utf8" }).stdout.trim();
}

function isFile(path: string): boolean {
  return existsSync(path);
}

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { outputOf } from "../command";
import type { Program } from "../programs/program";
import { cachedAsset, cachedProgram } from "./cache";

/** Set it to `1` to run programs of other versions from KUBEBUILDER_ASSETS or PATH: an upgrade tried out early. */
export const ANY_VERSION = "LOOMWORKS_CLUSTER_ANY_VERSION";

/** What is asked of the machine. Tests give their own. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  isExecutable(file: string): boolean;
  exists(path: string): boolean;
  /** What a program prints, or nothing if it can't be run. */
  outputOf(file: string, args: readonly string[]): string;
}

/** Where a program was found, if it was, and what was passed over on the way. */
export interface Lookup {
  readonly file?: string;
  readonly origin?: "KUBEBUILDER_ASSETS" | "PATH" | "cache";
  /** A sentence for each file that has the name but not the version. */
  readonly passedOver: readonly string[];
}

const THIS_MACHINE: Machine = {
  get env() {
    return process.env;
  },
  isExecutable: (file) => canAccess(file, constants.X_OK),
  exists: (path) => canAccess(path, constants.F_OK),
  outputOf: (file, args) => outputOf(file, args) ?? "",
};

/**
 * Looks for a program: in KUBEBUILDER_ASSETS, then on PATH, then in the cache. What is on the machine saves a build, but
 * only in the very version: a test that passes on one machine must pass on the other.
 */
export function lookUp(program: Program, machine: Machine = THIS_MACHINE): Lookup {
  const passedOver: string[] = [];
  for (const { file, origin } of candidates(program, machine)) {
    if (!machine.isExecutable(file)) continue;
    if (origin === "cache") {
      if (hasAssets(program, machine)) return { file, origin, passedOver };
      continue;
    }
    const printed = machine.outputOf(file, program.versionArgs ?? []);
    if (machine.env[ANY_VERSION] === "1" || isOfVersion(printed, program.version)) return { file, origin, passedOver };
    passedOver.push(
      `${file} is not used: it is not ${program.name} ${program.version} (${ANY_VERSION}=1 uses it all the same)`,
    );
  }
  return { passedOver };
}

function candidates(program: Program, { env }: Machine): { file: string; origin: NonNullable<Lookup["origin"]> }[] {
  const cached = { file: cachedProgram(program, env), origin: "cache" as const };
  if (program.versionArgs === undefined) return [cached];
  const assets = env.KUBEBUILDER_ASSETS;
  const path = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [
    ...(assets ? [{ file: join(assets, program.name), origin: "KUBEBUILDER_ASSETS" as const }] : []),
    ...path.map((folder) => ({ file: join(folder, program.name), origin: "PATH" as const })),
    cached,
  ];
}

function isOfVersion(printed: string, version: string): boolean {
  return new RegExp(`(^|[^0-9.])v?${version.replaceAll(".", "\\.")}($|[^0-9.])`).test(printed);
}

function hasAssets(program: Program, machine: Machine): boolean {
  return Object.keys(program.source.assets ?? {}).every((asset) =>
    machine.exists(cachedAsset(program, asset, machine.env)),
  );
}

function canAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

import type { GoSource } from "../programs/program";
import { GO_VERSION } from "../versions";

/** Folder beside the go.mod with a copy of the module, where files had to be added to it. */
export const COMPLETED = "completed";

/**
 * The go.mod of a module that holds nothing but one dependency: what's built is then exactly the published code with
 * the dependencies that its authors chose, checked against the checksum database.
 *
 * @param completed whether the copy in {@link COMPLETED} is built, of that very code
 */
export function goModText({ module, version, replace = {} }: GoSource, completed = false): string {
  const replacements = Object.entries(replace).map(([name, by]) => `replace ${name} => ${name} ${by}`);
  if (completed) replacements.push(`replace ${module} => ./${COMPLETED}`);
  return ["module loomworks.test/build", `go ${GO_VERSION}`, `require ${module} ${version}`, ...replacements, ""].join(
    "\n",
  );
}

/** Arguments of `go` that build the program into `output`. */
export function goBuildArgs(source: GoSource, output: string): string[] {
  const variables = Object.entries(source.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const linker = ["-s", "-w", ...variables].join(" ");
  const tags = source.tags ? ["-tags", source.tags.join(",")] : [];
  return ["build", "-mod=mod", "-trimpath", ...tags, "-ldflags", linker, "-o", output, source.package];
}

/** Whether the output of `go version` is of a Go that builds everything here. */
export function isGoRecentEnough(output: string): boolean {
  const found = /go(\d+)\.(\d+)(?:\.(\d+))?/.exec(output);
  if (!found) return false;
  const wanted = GO_VERSION.split(".").map(Number);
  for (const [index, part] of wanted.entries()) {
    const have = Number(found[index + 1] ?? 0);
    if (have !== part) return have > part;
  }
  return true;
}

import { createTwoFilesPatch } from "diff";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Text of each generated file, by its path from the repository's root. */
export type GeneratedFiles = ReadonlyMap<string, string>;

/** A generated file that is committed otherwise. */
export interface Drift {
  readonly path: string;
  readonly change: "missing" | "different" | "left over";
  /** What a new run would change, as a unified diff. */
  readonly patch: string;
}

/**
 * What a new run would change.
 *
 * @param folders where nothing but generated files of the given ending may be: what else lies there is left over
 */
export function driftOf(root: string, files: GeneratedFiles, folders: readonly GeneratedFolder[]): Drift[] {
  const changed = [...files].flatMap(([path, wanted]): Drift[] => {
    const committed = existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined;
    if (committed === wanted) return [];
    return [{ path, change: committed === undefined ? "missing" : "different", patch: patch(path, committed, wanted) }];
  });
  const leftOver = leftOvers(root, files, folders).map((path): Drift => {
    return { path, change: "left over", patch: patch(path, readFileSync(join(root, path), "utf8"), "") };
  });
  return [...changed, ...leftOver];
}

/** A folder, and the ending by which its generated files are told from written ones. */
export interface GeneratedFolder {
  readonly path: string;
  readonly ending: string;
  /** Files of that ending that are written by hand. */
  readonly except?: readonly string[];
}

/**
 * Writes every file, and removes what is left over. Nothing changes before all texts are on the disk, so that a full
 * disk or an interruption leaves the old files whole.
 */
export function writeWhole(root: string, files: GeneratedFiles, folders: readonly GeneratedFolder[]): void {
  const drifts = driftOf(root, files, folders);
  const staged = drifts.flatMap(({ path }) => {
    const text = files.get(path);
    return text === undefined ? [] : [{ target: join(root, path), next: join(root, `${path}.next`), text }];
  });
  try {
    for (const { next, text } of staged) {
      mkdirSync(dirname(next), { recursive: true });
      writeFileSync(next, text);
    }
    for (const { next, target } of staged) renameSync(next, target);
  } finally {
    for (const { next } of staged) rmSync(next, { force: true });
  }
  for (const { path, change } of drifts) if (change === "left over") rmSync(join(root, path));
}

function leftOvers(root: string, files: GeneratedFiles, folders: readonly GeneratedFolder[]): string[] {
  return folders
    .filter(({ path }) => existsSync(join(root, path)))
    .flatMap(({ path, ending, except = [] }) =>
      readdirSync(join(root, path))
        .filter((name) => name.endsWith(ending) && !except.includes(name))
        .map((name) => `${path}/${name}`),
    )
    .filter((path) => !files.has(path));
}

function patch(path: string, before: string | undefined, after: string): string {
  return createTwoFilesPatch(`committed/${path}`, `generated/${path}`, before ?? "", after, "", "", { context: 2 });
}

/** Writes the folder of manifests whole or not at all, and tells how it differs from what is there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { createTwoFilesPatch } from "diff";
import type { Files } from "./render";

/** How the files in `folder` would change; empty where they are the same. A unified diff, as `git diff` prints. */
export function differences(folder: string, files: Files): string {
  const present = readFolder(folder);
  const names = [...new Set([...Object.keys(present), ...Object.keys(files)])].sort();
  return names
    .filter((name) => present[name] !== files[name])
    .map((name) => {
      const [before, after] = [present[name] ?? "", files[name] ?? ""];
      const label = join(basename(folder), name);
      return createTwoFilesPatch(label, label, before, after, "reviewed", "synthesized", { context: 3 });
    })
    .join("");
}

/**
 * Replaces `folder` by `files`. Everything is on the disk beside it before the old folder goes; where anything fails, the
 * old one stays or comes back.
 */
export function replaceFolder(folder: string, files: Files): void {
  if (existsSync(folder) && differences(folder, files) === "") return;
  const [fresh, old] = [beside(folder, "new"), beside(folder, "old")];
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(fresh, name)), { recursive: true });
      writeFileSync(join(fresh, name), content);
    }
    swap(folder, fresh, old);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

function swap(folder: string, fresh: string, old: string): void {
  const existed = existsSync(folder);
  if (existed) renameSync(folder, old);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (existed) renameSync(old, folder);
    throw error;
  }
}

/** A sibling, since a rename is atomic within one file system alone. */
function beside(folder: string, suffix: string): string {
  return join(dirname(folder), `.${basename(folder)}-${suffix}-${process.pid}`);
}

function readFolder(folder: string): Files {
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

/** What an image is made of, as one short word: as long as it stays the same, so does the image. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Of 64 digits: enough that no two of one image meet. */
const KEY_DIGITS = 16;

export interface Ingredients {
  /** Files and folders, by the name that the build has for them. */
  readonly paths: Readonly<Record<string, string>>;
  /** Arguments, versions, keys of bases. */
  readonly words: readonly string[];
}

export function keyOf({ paths, words }: Ingredients): string {
  const hash = createHash("sha256").update(JSON.stringify(words));
  for (const [name, path] of Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))) addPath(hash, name, path);
  return hash.digest("hex").slice(0, KEY_DIGITS);
}

/** Names, modes and contents: times differ from clone to clone. */
function addPath(hash: ReturnType<typeof createHash>, name: string, path: string): void {
  const stat = lstatSync(path);
  if (stat.isDirectory()) {
    for (const inner of readdirSync(path).sort()) {
      if (!IGNORED.has(inner)) addPath(hash, `${name}/${inner}`, join(path, inner));
    }
    return;
  }
  const content = stat.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
  hash.update(JSON.stringify([name, (stat.mode & 0o111) !== 0, content.length])).update(content);
}

/** What running a program leaves beside it. */
const IGNORED = new Set(["__pycache__"]);

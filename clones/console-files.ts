/**
 * The console's files, as the API serves them. They stand in `console/` beside this file, and beside the bundle, which
 * is why this isn't where it is used.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

export interface ConsoleFile {
  /** `/` for the page, `/console/<name>` for what it loads. */
  readonly path: string;
  readonly type: string;
  /** Strong: of the bytes. */
  readonly etag: string;
  readonly body: Buffer;
}

const FOLDER = join(__dirname, "console");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Characters of a hash that tell two versions of a file apart. */
const ETAG_LENGTH = 27;

/** Reads all of them once; files of other kinds aren't the console's. @throws if the folder isn't there */
export function readConsole(folder = FOLDER): readonly ConsoleFile[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const type = TYPES[extname(name)];
      if (type === undefined) return [];
      const body = readFileSync(join(folder, name));
      const hash = createHash("sha256").update(body).digest("base64url").slice(0, ETAG_LENGTH);
      return [{ path: name === "index.html" ? "/" : `/console/${name}`, type, etag: `"${hash}"`, body }];
    });
}

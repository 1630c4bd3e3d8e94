/** What runs a site's PHP: the machine's own, or the one in WebAssembly that comes with npm. */
import { join } from "node:path";
import type { WordPressFiles } from "./wordpress-files";

export type PhpKind = "native" | "wasm";

/** A site's folder, all of which is the site's own, and what it shares with the others. */
export interface SitePlace {
  /** Holds `wp-content`, `wp-config.php` and, with SQLite, `database`. */
  readonly folder: string;
  readonly files: WordPressFiles;
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /** Without a slash at its end. */
  readonly url: string;
  /** Settings of php.ini. */
  readonly ini: Readonly<Record<string, string>>;
  /** What its PHP finds in its environment, besides {@link siteEnvironment}. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunningPhp {
  /** Why it ended, once it has. */
  readonly ended: Promise<string>;
  /**
   * Runs a PHP file within the site; it sees `$input`, and what it returns comes back.
   *
   * @throws {Error} with what PHP said, if it didn't come to its end
   */
  run(file: string, input: object): Promise<unknown>;
  /** Ends it and whatever it started; returns when they are gone. */
  stop(): Promise<void>;
}

export interface Php {
  readonly kind: PhpKind;
  /** Returns when it takes connections. @throws {Error} if it can't */
  serve(place: SitePlace): Promise<RunningPhp>;
}

/** This machine's, for what it serves is nobody else's. */
export const HOST = "127.0.0.1";

export const PHP_FOLDER = join(__dirname, "php");

/** What php.ini says where nobody asked for something else: a common small host, but for uploads of a tester's size. */
export const INI: Readonly<Record<string, string>> = {
  // A warning amidst JSON or before a header breaks REST and the login; the log has it.
  display_errors: "0",
  log_errors: "1",
  memory_limit: "256M",
  max_execution_time: "60",
  post_max_size: "64M",
  upload_max_filesize: "64M",
  variables_order: "EGPCS",
  expose_php: "0",
};

/** What our PHP files read; paths are as that PHP sees them. */
export function siteEnvironment(core: string, folder: string, url: string): Record<string, string> {
  return { CLONES_CORE: core, CLONES_SITE: folder, CLONES_URL: url };
}

/** The line that `run.php` writes last. */
const RESULT = /\nloomworks-result:(.*)\n$/;

/** @throws {Error} if it isn't there */
export function resultOf(output: string, errors: string): unknown {
  const [, text] = RESULT.exec(output) ?? [];
  if (text !== undefined) return JSON.parse(text) as unknown;
  throw new Error(`PHP did not come to its end: ${`${output}\n${errors}`.trim().slice(-1_000)}`);
}

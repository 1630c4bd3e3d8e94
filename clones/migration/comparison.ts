/** Compares what sites have, row by row and file by file, by their fingerprints. */
import { z } from "zod";
import { siteError } from "./errors";
import type { PluginApi } from "./plugin-api";
import { Changes, MigrationError, RestorePlan, RestoreScope } from "./site-migrator";

/** Rows and files of a site that can be compared: 110 MB of memory, which each of a worker's jobs may need at once. */
const MOST_LINES = 500_000;
/** Conflicts that are told one by one. */
const TOLD = 200;
/** Characters of a line: a path of 4,096 bytes, escaped, fits. */
const LONGEST_LINE = 65_536;
/** Slices without an end: of 20 s each, this is more than a day. */
const MOST_SLICES = 5_000;

type Line = readonly [scope: string, key: string, hash: string];

/** How one thing differs between two lists. */
type Difference = "added" | "changed" | "removed";

const line = z.tuple([z.string(), z.union([z.string(), z.number()]).transform(String), z.string()]);
const last = z.union([z.object({ ticket: z.string() }), z.object({ end: z.literal(true) })]);

/**
 * What a restore from `source` to `target` would change, and what changed on the target since the clone was made.
 *
 * @throws {MigrationError} SITE_SIZE for more rows and files than can be compared
 */
export async function compare(
  source: PluginApi,
  target: PluginApi,
  scopes: readonly RestoreScope[],
  signal: AbortSignal,
): Promise<RestorePlan> {
  const { clone } = await source.status(signal);
  if (!clone) return await everything(source, scopes, signal);
  const details: Record<string, { added: number; changed: number; removed: number }> = {};
  for (const scope of scopes) details[scope] = { added: 0, changed: 0, removed: 0 };
  await differences(source, "copy", source, scopes, signal, (difference, name) => {
    const counts = (details[scopeOf(name)] ??= { added: 0, changed: 0, removed: 0 });
    counts[difference] += 1;
  });
  return { changes: totalsOf(details), details, conflicts: await conflicts(source, target, scopes, signal) };
}

/** What changed on the target since the clone was made: a sentence for each thing. Nothing for what is no clone. */
export async function conflicts(
  source: PluginApi,
  target: PluginApi,
  scopes: readonly RestoreScope[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const told: string[] = [];
  let more = 0;
  await differences(source, "base", target, scopes, signal, (difference, name, key) => {
    if (told.length < TOLD) told.push(sentence(difference, name, key));
    else more += 1;
  });
  return more === 0 ? told : [...told, `${more} more things were changed on the target since the clone was made`];
}

/** A site that no clone was made of remembers nothing that it could be compared with. */
async function everything(
  source: PluginApi,
  scopes: readonly RestoreScope[],
  signal: AbortSignal,
): Promise<RestorePlan> {
  const details: Record<string, { added: number; changed: number; removed: number }> = {};
  for await (const [name] of lines(source, "site", scopes, signal)) {
    (details[scopeOf(name)] ??= { added: 0, changed: 0, removed: 0 }).changed += 1;
  }
  const note =
    "The source is no clone, so that nobody knows what changed on the target: everything of the source counts as a change";
  return { changes: totalsOf(details), details, conflicts: [], notes: [note] };
}

/** What differs between a clone's memory and what a site has now. */
async function differences(
  clone: PluginApi,
  memory: "base" | "copy",
  site: PluginApi,
  scopes: readonly RestoreScope[],
  signal: AbortSignal,
  found: (difference: Difference, name: string, key: string) => void,
): Promise<void> {
  const before = new Map<string, string>();
  for await (const [name, key, hash] of lines(clone, memory, scopes, signal)) before.set(`${name}\0${key}`, hash);
  for await (const [name, key, hash] of lines(site, "site", scopes, signal)) {
    const id = `${name}\0${key}`;
    const known = before.get(id);
    if (known === undefined) found("added", name, key);
    else if (known !== hash) found("changed", name, key);
    before.delete(id);
  }
  for (const id of before.keys()) {
    const at = id.indexOf("\0");
    found("removed", id.slice(0, at), id.slice(at + 1));
  }
}

async function* lines(
  site: PluginApi,
  of: "site" | "base" | "copy",
  scopes: readonly RestoreScope[],
  signal: AbortSignal,
): AsyncGenerator<Line> {
  let ticket: string | null = null;
  let count = 0;
  for (let slice = 0; slice < MOST_SLICES; slice += 1) {
    const { body } = await site.fingerprint(scopes, of, ticket, signal);
    let next: z.output<typeof last> | undefined;
    for await (const text of textLines(body, site)) {
      const value = parsed(text, site);
      if (!Array.isArray(value)) {
        next = last.safeParse(value).data;
        continue;
      }
      count += 1;
      if (count > MOST_LINES) throw tooMany(site);
      const read = line.safeParse(value);
      if (!read.success) throw unreadable(site);
      yield read.data;
    }
    if (next === undefined) throw unreadable(site);
    if ("end" in next) return;
    ticket = next.ticket;
  }
  throw unreadable(site);
}

async function* textLines(body: AsyncIterable<Buffer>, site: PluginApi): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const [first = "", ...others] = decoder.decode(chunk, { stream: true }).split("\n");
    rest += first;
    for (const other of others) {
      if (rest !== "") yield rest;
      rest = other;
    }
    if (rest.length > LONGEST_LINE) throw unreadable(site);
  }
  if (rest !== "") yield rest;
}

function parsed(text: string, site: PluginApi): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw unreadable(site);
  }
}

/** Tables belong to scopes as the plugin has it: those of users, that of options, and all others. */
function scopeOf(name: string): string {
  if (name === "users" || name === "usermeta") return "users";
  return ["options", "uploads", "plugins", "themes"].includes(name) ? name : "content";
}

function totalsOf(details: Readonly<Record<string, Changes>>): Record<string, number> {
  const sum = ({ added, changed, removed }: Changes) => added + changed + removed;
  return Object.fromEntries(Object.entries(details).map(([scope, changes]) => [scope, sum(changes)]));
}

function sentence(difference: Difference, name: string, key: string): string {
  return `${name} ${key} was ${difference} on the target since the clone was made`;
}

function unreadable({ base }: PluginApi): MigrationError {
  const reason = "the list of what it has can't be read, or was cut off";
  const remedy = "Ask again later; look into the site's error log";
  return siteError({ code: "SITE_LIST", site: base, reason, remedy, retryable: true });
}

function tooMany({ base }: PluginApi): MigrationError {
  const reason = `it has more than ${MOST_LINES} rows and files, which can't be compared`;
  return siteError({ code: "SITE_SIZE", site: base, reason, remedy: "Restore fewer scopes" });
}

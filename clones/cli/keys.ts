/** API keys by hand. A key's text is shown once, when it is made; the store has its hash alone. */
import { UsageError } from "../../constructs/shared/cli";
import { isCustomerId } from "../domain/host";
import type { ApiKeyStore } from "../store/api-keys";
import { SCOPES, Scope } from "../store/api-keys";
import { numberOf, wrong } from "./jobs";
import { columns } from "./text";

export const KEYS_USAGE = `  keys create        makes a key and shows it once: --tenant NAME, --name TEXT, --scopes clones:read,clones:write,restore,
                     --days N until it ends, --rate N requests a minute; copies of databases need the scope copies
  keys list          every key, without its text; --tenant
  keys revoke ID     nobody uses it from now on`;

export interface KeysLine {
  readonly words: readonly string[];
  readonly tenant?: string;
  readonly name?: string;
  readonly scopes?: string;
  readonly days?: string;
  readonly rate?: string;
}

export interface KeysDeps {
  readonly keys: Pick<ApiKeyStore, "create" | "list" | "revoke">;
  readonly now: () => Date;
  readonly show: (object: unknown, text: () => string) => void;
}

/** What a key may do if nothing is said: all but administration and copies of databases. */
const SCOPES_BY_DEFAULT = "clones:read,clones:write,restore";

const DAY_MILLISECONDS = 86_400_000;

/** @returns the exit code: 1 where there was nothing to revoke */
export async function runKeys(line: KeysLine, deps: KeysDeps): Promise<number> {
  const [command, id, ...more] = line.words;
  if (command === "create" && id === undefined) return await create(line, deps);
  if (command === "list" && id === undefined) return await list(line, deps);
  if (command !== "revoke" || id === undefined || more.length > 0) throw new UsageError(KEYS_USAGE);
  const revoked = await deps.keys.revoke(id);
  deps.show({ id, revoked }, () => `${id} ${revoked ? "is revoked" : "isn't there, or was revoked before"}.`);
  return revoked ? 0 : 1;
}

async function create(line: KeysLine, { keys, now, show }: KeysDeps): Promise<number> {
  const { tenant = "", name = "by hand", scopes = SCOPES_BY_DEFAULT, days, rate } = line;
  if (!isCustomerId(tenant)) throw wrong("tenant", tenant, "it is no DNS label", "Give --tenant acme");
  const expires = days === undefined ? undefined : now().getTime() + numberOf("days", days, 3650) * DAY_MILLISECONDS;
  const made = await keys.create({
    tenantId: tenant,
    name,
    scopes: scopes.split(",").map(scopeOf),
    ...(expires === undefined ? {} : { expiresAt: new Date(expires) }),
    ...(rate === undefined ? {} : { ratePerMinute: numberOf("rate", rate, 1_000_000) }),
  });
  // Whoever makes it is to see what it opens: tenants of the clone service and databases of Loomworks go by the same names.
  const books = made.scopes.includes("copies") ? `\nIt may copy the Loomworks database ${tenant}.` : "";
  show(made, () => `${made.text}\nIt isn't shown again. Its id is ${made.keyId}.${books}`);
  return 0;
}

async function list({ tenant }: KeysLine, { keys, show }: KeysDeps): Promise<number> {
  const all = await keys.list(tenant);
  show(all, () => {
    const head = ["ID", "TENANT", "NAME", "SCOPES", "MADE", "ENDS", "STATE"];
    const rows = all.map((key) => [
      key.keyId,
      key.tenantId,
      key.name,
      key.scopes.join(","),
      key.createdAt.toISOString().slice(0, 10),
      key.expiresAt?.toISOString().slice(0, 10) ?? "-",
      key.revokedAt === undefined ? "valid" : "revoked",
    ]);
    return all.length === 0 ? "No keys." : columns([head, ...rows]);
  });
  return 0;
}

function scopeOf(text: string): Scope {
  const scope = SCOPES.find((one) => one === text);
  if (scope === undefined) throw wrong("scopes", text, "there is no such scope", `Give some of ${SCOPES.join(",")}`);
  return scope;
}

/** Who may call the API. A key's text is shown once, when it is made; the table has its hash alone. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Selectable } from "kysely";
import { assertNoProblems, Problem } from "../../constructs/shared/problems";
import { isCustomerId } from "../domain/host";
import { Clock, systemClock } from "../provisioner/clock";
import type { SqlDatabase } from "./database";
import { momentOf } from "./job-rows";
import type { ApiKeysTable } from "./schema";

/**
 * What a key may be used for. `admin` is for what only its tenant's administrators see: the webhook secret. `copies` is for
 * copies of the Loomworks database that has the tenant's name: a company's books.
 */
export const SCOPES = ["clones:read", "clones:write", "restore", "admin", "copies"] as const;
export type Scope = (typeof SCOPES)[number];

export interface NewApiKey {
  /** A DNS label of 40 characters at most. */
  readonly tenantId: string;
  /** For people, to know it by; 100 characters at most. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** @default never */
  readonly expiresAt?: Date;
  /** Requests a minute. @default what the API gives everybody */
  readonly ratePerMinute?: number;
}

export interface ApiKey extends NewApiKey {
  readonly keyId: string;
  readonly createdAt: Date;
  readonly revokedAt?: Date;
}

/** Who a request comes from. */
export interface ApiPrincipal {
  readonly keyId: string;
  readonly tenantId: string;
  readonly scopes: readonly Scope[];
  readonly ratePerMinute?: number;
}

export interface ApiKeyStoreOptions {
  /** @default the system's */
  readonly clock?: Clock;
  /** @default the system's */
  readonly randomBytes?: (size: number) => Uint8Array;
  /** How long a process goes by what it read: a key that is revoked elsewhere works that long. @default 5 */
  readonly cacheSeconds?: number;
}

type Row = Selectable<ApiKeysTable>;

const DEFAULTS = { clock: systemClock, randomBytes, cacheSeconds: 5 } as const;
const BYTES = { id: 8, secret: 32 } as const;
const KEY_TEXT = /^lw_([0-9a-f]{16})_([\w-]{43})$/;
/** Keys remembered at once; beyond that, the oldest are read again. */
const CACHE_SIZE = 10_000;

export class ApiKeyStore {
  private readonly options: Required<ApiKeyStoreOptions>;
  private readonly cache = new Map<string, { readonly row: Promise<Row | undefined>; readonly until: number }>();

  constructor(
    private readonly database: SqlDatabase,
    options: ApiKeyStoreOptions = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
  }

  /**
   * @returns the key, with `text` that nobody gets to see again: `lw_<key id>_<secret>`
   * @throws {InvalidInputError} API_KEY_INVALID
   */
  async create(key: NewApiKey): Promise<ApiKey & { readonly text: string }> {
    assertNoProblems(problemsOf(key, this.options.clock.now()));
    const { dialect } = this.database;
    const keyId = Buffer.from(this.options.randomBytes(BYTES.id)).toString("hex");
    const secret = Buffer.from(this.options.randomBytes(BYTES.secret)).toString("base64url");
    const insert = {
      key_id: keyId,
      tenant_id: key.tenantId,
      name: key.name,
      secret_hash: hashOf(secret).toString("hex"),
      scopes: SCOPES.filter((scope) => key.scopes.includes(scope)).join(","),
      rate_per_minute: key.ratePerMinute ?? null,
      created_at: dialect.now(),
      expires_at: key.expiresAt === undefined ? null : dialect.moment(key.expiresAt),
    };
    const made = await this.database.transact(
      "createApiKey",
      async (tx) => {
        await tx.insertInto("api_keys").values(insert).execute();
        return await tx.selectFrom("api_keys").selectAll().where("key_id", "=", keyId).executeTakeFirstOrThrow();
      },
      { repeatable: false },
    );
    return { ...keyOf(made), text: `lw_${keyId}_${secret}` };
  }

  /**
   * Whose key this is; nothing if it's none, or expired or revoked.
   *
   * @throws {StoreUnavailable} STORE_UNAVAILABLE
   */
  async authenticate(text: string): Promise<ApiPrincipal | undefined> {
    const [, keyId, secret] = KEY_TEXT.exec(text) ?? [];
    if (keyId === undefined || secret === undefined) return undefined;
    const row = await this.read(keyId);
    if (row === undefined || !timingSafeEqual(Buffer.from(row.secret_hash, "hex"), hashOf(secret))) return undefined;
    const key = keyOf(row);
    const isExpired = key.expiresAt !== undefined && key.expiresAt <= this.options.clock.now();
    if (isExpired || key.revokedAt !== undefined) return undefined;
    return { keyId, tenantId: key.tenantId, scopes: key.scopes, ratePerMinute: key.ratePerMinute };
  }

  /** Oldest first. @param tenantId @default every tenant's */
  async list(tenantId?: string): Promise<readonly ApiKey[]> {
    const rows = await this.database.run("listApiKeys", (db) =>
      db
        .selectFrom("api_keys")
        .selectAll()
        .$if(tenantId !== undefined, (select) => select.where("tenant_id", "=", tenantId ?? ""))
        .orderBy("created_at")
        .orderBy("key_id")
        .execute(),
    );
    return rows.map(keyOf);
  }

  /** Nobody uses it from now on, in this process at once. @returns whether there was one that wasn't revoked yet */
  async revoke(keyId: string): Promise<boolean> {
    const { dialect } = this.database;
    const [result] = await this.database.run("revokeApiKey", (db) =>
      db
        .updateTable("api_keys")
        .set({ revoked_at: dialect.now() })
        .where("key_id", "=", keyId)
        .where("revoked_at", "is", null)
        .execute(),
    );
    this.cache.delete(keyId);
    return (result?.numUpdatedRows ?? 0n) > 0n;
  }

  /** One question for all who ask at once. What isn't there, and what failed, is asked for again. */
  private async read(keyId: string): Promise<Row | undefined> {
    const now = this.options.clock.now().getTime();
    const known = this.cache.get(keyId);
    if (known !== undefined && known.until > now) return await known.row;
    const row = this.database.run("readApiKey", (db) =>
      db.selectFrom("api_keys").selectAll().where("key_id", "=", keyId).executeTakeFirst(),
    );
    const entry = { row, until: now + this.options.cacheSeconds * 1000 };
    this.remember(keyId, entry);
    const forget = () => {
      if (this.cache.get(keyId) === entry) this.cache.delete(keyId);
    };
    row.then((found) => found ?? forget(), forget);
    return await row;
  }

  private remember(keyId: string, entry: { readonly row: Promise<Row | undefined>; readonly until: number }): void {
    this.cache.delete(keyId);
    this.cache.set(keyId, entry);
    if (this.cache.size <= CACHE_SIZE) return;
    const [oldest] = this.cache.keys();
    if (oldest !== undefined) this.cache.delete(oldest);
  }
}

function keyOf(row: Row): ApiKey {
  return {
    keyId: row.key_id,
    tenantId: row.tenant_id,
    name: row.name,
    scopes: SCOPES.filter((scope) => row.scopes.split(",").includes(scope)),
    ratePerMinute: row.rate_per_minute ?? undefined,
    createdAt: new Date(row.created_at),
    expiresAt: momentOf(row.expires_at),
    revokedAt: momentOf(row.revoked_at),
  };
}

/** Its 256 bits of chance can't be tried out, so a slow hash would only slow down every request. */
function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function problemsOf({ tenantId, name, scopes, expiresAt, ratePerMinute }: NewApiKey, now: Date): Problem[] {
  const problems: Problem[] = [];
  const add = (path: string, value: unknown, reason: string, remedy: string) =>
    problems.push({ code: "API_KEY_INVALID", path, value, reason, remedy });
  if (!isCustomerId(tenantId))
    add("tenantId", tenantId, "it is no DNS label", "Lower-case letters, digits and hyphens");
  if (name.trim() === "" || name.length > 100) add("name", name, "it has to have 1 to 100 characters", "Give another");
  const unknown = scopes.filter((scope) => !SCOPES.includes(scope));
  if (scopes.length === 0 || unknown.length > 0) {
    add("scopes", scopes, "none or an unknown one", `Give some of ${SCOPES.join(", ")}`);
  }
  if (expiresAt !== undefined && !(expiresAt > now))
    add("expiresAt", expiresAt, "it isn't to come", "Give a later one");
  if (ratePerMinute !== undefined && !(Number.isInteger(ratePerMinute) && ratePerMinute > 0)) {
    add("ratePerMinute", ratePerMinute, "it is no whole number above 0", "Give one, or leave it out");
  }
  return problems;
}

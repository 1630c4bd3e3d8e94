/** Requests as the API stored them. It checked them; what is read here is only given its types back. */
import { z } from "zod";
import { DATABASES } from "../../domain/clone";
import { TTL } from "../../domain/expiry";
import { RESTORE_SCOPES, RestoreScope, SiteAccess } from "../../migration/site-migrator";
import { StepFailure } from "../engine/plan";

const access = z.object({
  username: z.string().optional(),
  password: z.string().optional(),
  apiKey: z.string().optional(),
});

const cloneRequest = z.object({
  source_url: z.string(),
  customer_id: z.string(),
  ttl_minutes: z
    .number()
    .positive()
    .default(TTL.default / 60),
  database: z.enum(DATABASES).optional(),
  anonymize: z.boolean().default(false),
});

const restoreRequest = z.object({
  source: z.union([z.object({ clone_id: z.string() }), z.object({ url: z.string() })]),
  target: z.object({ url: z.string() }),
  scopes: z.array(z.enum(RESTORE_SCOPES)).min(1).optional(),
  dry_run: z.boolean().default(false),
  force: z.boolean().default(false),
});

const rollbackRequest = z.object({ rollback_of: z.string(), target: z.object({ url: z.string() }) });

const deleteRequest = z.object({ clone_id: z.string() });

const copyRequest = z.object({ ttl_minutes: z.number().positive() });

const copyEndRequest = z.object({ copy_id: z.string() });

/** Everything but the users and passwords of a clone, which don't belong on its target (decision 33). */
const DEFAULT_SCOPES: readonly RestoreScope[] = RESTORE_SCOPES.filter((scope) => scope !== "users");

export interface CloneWish {
  readonly source: SiteAccess;
  readonly customerId: string;
  readonly ttlSeconds: number;
  readonly database?: (typeof DATABASES)[number];
  readonly anonymize: boolean;
}

/** @throws {StepFailure} JOB_REQUEST */
export function cloneWishOf(request: unknown, secrets: unknown): CloneWish {
  const { source_url: url, customer_id: customerId, ttl_minutes, database, anonymize } = read(cloneRequest, request);
  const source = { url, ...read(access, secrets) };
  const ttlSeconds = Math.round(ttl_minutes * 60);
  return { source, customerId, ttlSeconds, ...(database === undefined ? {} : { database }), anonymize };
}

export interface RestoreWish {
  readonly source: { readonly cloneId: string } | { readonly site: SiteAccess };
  readonly target: SiteAccess;
  readonly scopes: readonly RestoreScope[];
  readonly dryRun: boolean;
  readonly force: boolean;
}

/** @throws {StepFailure} JOB_REQUEST */
export function restoreWishOf(request: unknown, secrets: unknown): RestoreWish {
  const wish = read(restoreRequest, request);
  const both = read(z.object({ source: access.optional(), target: access.optional() }), secrets);
  const { source, target, scopes = DEFAULT_SCOPES, dry_run: dryRun, force } = wish;
  return {
    source: "clone_id" in source ? { cloneId: source.clone_id } : { site: { url: source.url, ...both.source } },
    target: { url: target.url, ...both.target },
    scopes,
    dryRun,
    force,
  };
}

export interface RollbackWish {
  /** Id of the restore that is put back. */
  readonly restore: string;
  readonly target: SiteAccess;
}

/** Whether a job of type `restore` puts an earlier one back. */
export function isRollback(request: object): boolean {
  return "rollback_of" in request;
}

/** @throws {StepFailure} JOB_REQUEST */
export function rollbackWishOf(request: unknown, secrets: unknown): RollbackWish {
  const { rollback_of: restore, target } = read(rollbackRequest, request);
  const { target: given } = read(z.object({ target: access }), secrets);
  return { restore, target: { url: target.url, ...given } };
}

/** @throws {StepFailure} JOB_REQUEST */
export function deleteWishOf(request: unknown): { readonly cloneId: string } {
  return { cloneId: read(deleteRequest, request).clone_id };
}

/** @throws {StepFailure} JOB_REQUEST */
export function copyWishOf(request: unknown): { readonly ttlSeconds: number } {
  return { ttlSeconds: Math.round(read(copyRequest, request).ttl_minutes * 60) };
}

/** Whether a job of type `delete` ends a copy of a Loomworks database. */
export function isCopyEnd(request: object): boolean {
  return "copy_id" in request;
}

/** @throws {StepFailure} JOB_REQUEST */
export function copyEndWishOf(request: unknown): { readonly copyId: string } {
  return { copyId: read(copyEndRequest, request).copy_id };
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // Names alone: values may be secrets.
  const fields = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new StepFailure("JOB_REQUEST", `JOB_REQUEST request: got ${fields}; this worker can't read it.`, false);
}

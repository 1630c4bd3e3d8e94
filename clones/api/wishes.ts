/** Bodies taken apart: what the job's row may show, and what is sealed. */
import type { Job } from "../domain/job";
import type { CloneBody, CopyBody, RestoreBody, RollbackBody } from "./schemas/requests";
import type { Wish } from "./submit";

/** Row: `{source_url, customer_id, ttl_minutes, database?, anonymize}`; sealed: `{username?, password?, apiKey?}`. */
export function cloneWish(body: CloneBody): Wish {
  const { source_username: username, source_password: password, source_api_key: apiKey } = body;
  const hasSecrets = username !== undefined || apiKey !== undefined;
  return {
    type: "clone",
    request: {
      source_url: body.source_url,
      customer_id: body.customer_id,
      ttl_minutes: body.ttl_minutes,
      ...(body.database === undefined ? {} : { database: body.database }),
      anonymize: body.anonymize,
    },
    ...(hasSecrets ? { secrets: { username, password, apiKey } } : {}),
    ...(body.webhook_url === undefined ? {} : { webhookUrl: body.webhook_url }),
  };
}

/**
 * Row: `{source: {url} | {clone_id}, target: {url}, scopes?, dry_run, force}`; sealed:
 * `{source?: {username, password}, target: {username, password}}`.
 */
export function restoreWish({ source, target, ...body }: RestoreBody, cloneId: string | undefined): Wish {
  const access = { username: source.username, password: source.password };
  return {
    type: "restore",
    request: {
      source: cloneId === undefined ? { url: source.url } : { clone_id: cloneId },
      target: { url: target.url },
      ...(body.scopes === undefined ? {} : { scopes: [...new Set(body.scopes)].sort() }),
      dry_run: body.dry_run,
      force: body.force,
    },
    secrets: {
      ...(cloneId === undefined ? { source: access } : {}),
      target: { username: target.username, password: target.password },
    },
    ...(cloneId === undefined ? {} : { cloneId }),
    ...(body.webhook_url === undefined ? {} : { webhookUrl: body.webhook_url }),
  };
}

/** Row: `{rollback_of, target: {url}}`, with the restore's own URL; sealed: `{target: {username?, password?, apiKey?}}`. */
export function rollbackWish({ id, request, cloneId }: Job, { target, webhook_url }: RollbackBody): Wish {
  const { username, password, api_key: apiKey } = target;
  return {
    type: "restore",
    request: { rollback_of: id, target: request.target },
    secrets: { target: { username, password, apiKey } },
    rollbackOf: id,
    ...(cloneId === undefined ? {} : { cloneId }),
    ...(webhook_url === undefined ? {} : { webhookUrl: webhook_url }),
  };
}

/** Row: `{clone_id}`; nothing is sealed. */
export function deleteWish(cloneId: string): Wish {
  return { type: "delete", request: { clone_id: cloneId }, cloneId };
}

/** Row: `{ttl_minutes}`; the database is the tenant's own. Nothing is sealed. */
export function copyWish({ ttl_minutes, webhook_url }: CopyBody): Wish {
  const webhook = webhook_url === undefined ? {} : { webhookUrl: webhook_url };
  return { type: "copy", request: { ttl_minutes }, ...webhook };
}

/** Row: `{copy_id}`; nothing is sealed. */
export function copyEndWish(copyId: string): Wish {
  return { type: "delete", request: { copy_id: copyId } };
}

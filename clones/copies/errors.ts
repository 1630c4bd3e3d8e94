/** What copies are refused for, or fail by. Codes stand in docs/errors.md. */
import { CodedError } from "../errors";

export class CopyError extends CodedError {
  override readonly name = "CopyError";
}

export const sourceInvalid = (tenantId: string) =>
  new CopyError({
    code: "TENANT_COPY_SOURCE",
    path: "tenant",
    value: tenantId,
    reason: "no tenant's database may have this name",
    remedy: "Use a key whose tenant is named as the Loomworks database",
  });

export const limitReached = (perTenant: number) =>
  new CopyError({
    code: "TENANT_COPY_LIMIT",
    path: "tenant-copies",
    value: perTenant,
    reason: "the tenant has as many copies as it may have at once, those that are ending included",
    remedy: "Delete one, or wait for its end",
  });

export const namespaceFull = () =>
  new CopyError({
    code: "TENANT_COPY_LIMIT",
    path: "tenant-copies",
    value: "all tenants together",
    reason: "the installation has as many copies as it has room for",
    remedy: "Ask again when others have ended",
  });

export const copyRefused = (copyId: string, sentence: string) =>
  new CopyError({
    code: "TENANT_COPY_REFUSED",
    path: "copy",
    value: copyId,
    reason: `the API server says: ${sentence}`,
    remedy: "Operators: correct what it names",
  });

export const copyFailed = (copyId: string, reason: string) =>
  new CopyError({
    code: "TENANT_COPY_FAILED",
    path: "copy",
    value: copyId,
    reason,
    remedy: "Operators find its Job's log by the copy's name. Remove the reason and ask again",
  });

export const copyLate = (copyId: string, seconds: number, phase: string) =>
  new CopyError({
    code: "TENANT_COPY_DEADLINE",
    path: "copy",
    value: copyId,
    reason: `it could not be used within ${seconds} s: ${phase}`,
    remedy: "Operators: look at its Jobs, and whether the database is that large. Ask again",
  });

export const copyLingers = (copyId: string, reason: string) =>
  new CopyError({
    code: "TENANT_COPY_LINGERS",
    path: "copy",
    value: copyId,
    reason: `it is still being removed: ${reason}`,
    remedy: "The cleaner goes on with it; if its Job failed, delete that, and it is made again",
  });

export const copyNotFound = () =>
  new CopyError({
    code: "TENANT_COPY_NOT_FOUND",
    path: "copy_id",
    value: undefined,
    reason: "there is no such copy; it may have ended",
    remedy: "GET /api/v2/tenant-copies shows yours",
  });

export const copyEnded = (copyId: string) =>
  new CopyError({
    code: "TENANT_COPY_ENDED",
    path: "copy",
    value: copyId,
    reason: "its end has begun",
    remedy: "Make another one",
  });

export const lifeRefused = (ttlSeconds: number, reason: string) =>
  new CopyError({ code: "TENANT_COPY_TTL", path: "ttl_minutes", value: ttlSeconds / 60, reason, remedy: "Give more" });

/** What callers send. Names and meanings are the documents'; unknown fields are refused by name. */
import { z } from "zod";
import { DATABASES } from "../../domain/clone";
import { isCloneId } from "../../domain/clone-id";
import { JOB_STATUSES, JOB_TYPES } from "../../domain/job";
import { isJobId } from "../../domain/job-id";
import { COPY_TTL_MINUTES } from "../../domain/tenant-copy";
import { RESTORE_SCOPES } from "../../migration/site-migrator";
import type { UrlPolicy } from "../../net/url-policy";
import { customerId, siteUrl, text, ttlMinutes, TTL_MINUTES, webhookUrl } from "./fields";

const SECRET = "Encrypted until the job is over, then gone; never shown";

/** Names and passwords: WordPress has up to 60 characters of the one, and takes long ones of the other. */
const username = text(100);
const password = text(500).describe(SECRET);

const both = "a name and a password belong together|Give both";

/** `POST /api/v2/clone`. */
export function cloneRequest(policy: UrlPolicy) {
  return z
    .strictObject({
      source_url: siteUrl(policy).describe("The site to copy"),
      source_username: username.optional().describe("An administrator of the site"),
      source_password: password.optional(),
      source_api_key: password.optional().describe(`Key of the migration plugin, where the site has it. ${SECRET}`),
      customer_id: customerId,
      ttl_minutes: ttlMinutes.default(TTL_MINUTES.default).describe("Minutes that the clone lives"),
      database: z.enum(DATABASES).optional().describe("Where it keeps its tables; the stack chooses if it isn't given"),
      anonymize: z
        .boolean()
        .default(false)
        .describe("Gives users and customers other names, addresses and passwords before anyone can log in"),
      webhook_url: webhookUrl(policy).optional().describe("Is told, signed, when the job ends"),
    })
    .refine((body) => (body.source_username === undefined) === (body.source_password === undefined), {
      message: both,
      path: ["source_password"],
    })
    .meta({ examples: [CLONE_EXAMPLE] });
}

const CLONE_EXAMPLE = {
  source_url: "https://mysite.com",
  source_username: "admin",
  source_password: "secret",
  customer_id: "test-clone-001",
  ttl_minutes: 30,
};

/** `POST /api/v2/restore`. */
export function restoreRequest(policy: UrlPolicy) {
  const site = z.strictObject({ url: siteUrl(policy), username, password });
  const source = z
    .strictObject({
      url: siteUrl(policy).optional(),
      username: username.optional(),
      password: password.optional(),
      clone_id: text(63).optional().describe("Instead of the other fields"),
    })
    .refine((from) => (from.clone_id === undefined) !== (from.url === undefined), {
      message: "it names either a clone or a site|Give clone_id, or url with username and password",
    })
    .refine((from) => from.clone_id === undefined || (from.username ?? from.password) === undefined, {
      message: "the service knows the credentials of its own clones|Leave username and password away",
      path: ["clone_id"],
    })
    .refine(
      (from) =>
        from.url === undefined ||
        from.clone_id !== undefined ||
        (from.username !== undefined && from.password !== undefined),
      {
        message: both,
        path: ["password"],
      },
    );
  return z
    .strictObject({
      source: source.describe("The clone, by its id or as a site"),
      target: site.describe("The site that is changed"),
      scopes: z
        .array(z.enum(RESTORE_SCOPES))
        .min(1)
        .max(RESTORE_SCOPES.length)
        .optional()
        .describe("What is brought back; without it all but users"),
      dry_run: z.boolean().default(false).describe("Tells what would change, and changes nothing"),
      force: z.boolean().default(false).describe("Overwrites what changed on the target since the clone was made"),
      webhook_url: webhookUrl(policy).optional().describe("Is told, signed, when the job ends"),
    })
    .meta({ examples: [RESTORE_EXAMPLE] });
}

const RESTORE_EXAMPLE = {
  source: { url: "https://test-clone-001.clones.betaweb.ai", username: "admin", password: "secret" },
  target: { url: "https://production.com", username: "admin", password: "secret" },
};

/** `POST /api/v2/jobs/{job_id}/rollback`: the address is the restore's own; its credentials went with its end. */
export function rollbackRequest(policy: UrlPolicy) {
  const access = z
    .strictObject({
      username: username.optional().describe("An administrator of the site that was restored"),
      password: password.optional(),
      api_key: password.optional().describe(`Key of the migration plugin there. ${SECRET}`),
    })
    .refine((given) => (given.username === undefined) === (given.password === undefined), {
      message: both,
      path: ["password"],
    })
    .refine((given) => (given.username ?? given.password ?? given.api_key) !== undefined, {
      message:
        "nothing is given by which the service could get in|Give an administrator's name and password, or the plugin's key",
    });
  return z
    .strictObject({
      target: access.describe("The way into the site that was restored"),
      webhook_url: webhookUrl(policy).optional().describe("Is told, signed, when the job ends"),
    })
    .meta({ examples: [{ target: { username: "admin", password: "secret" } }] });
}

export type RollbackBody = z.output<ReturnType<typeof rollbackRequest>>;
export type CloneBody = z.output<ReturnType<typeof cloneRequest>>;
export type RestoreBody = z.output<ReturnType<typeof restoreRequest>>;

export const extendRequest = z
  .strictObject({ ttl_minutes: ttlMinutes.describe("Minutes that it lives, counted from its creation") })
  .meta({ examples: [{ ttl_minutes: 120 }] });

const copyMinutes = z.int().min(COPY_TTL_MINUTES.minimum).max(COPY_TTL_MINUTES.maximum);

/** `POST /api/v2/tenant-copies`: it names no database, so that no key can ask for another tenant's. */
export function copyRequest(policy: UrlPolicy) {
  return z
    .strictObject({
      ttl_minutes: copyMinutes.default(COPY_TTL_MINUTES.default).describe("Minutes that the copy lives"),
      webhook_url: webhookUrl(policy).optional().describe("Is told, signed, when the job ends"),
    })
    .meta({ examples: [{ ttl_minutes: 480 }] });
}

export type CopyBody = z.output<ReturnType<typeof copyRequest>>;

export const copyExtendRequest = z
  .strictObject({ ttl_minutes: copyMinutes.describe("Minutes that it lives, counted from its creation") })
  .meta({ examples: [{ ttl_minutes: 1440 }] });

/** Ids in paths: whatever it is, what isn't there is not found. */
export const jobPath = z.object({ job_id: z.string().meta({ examples: ["job-3f9c0a7be21d4c58a6e0b1f2"] }) });
export const clonePath = z.object({ clone_id: z.string().meta({ examples: ["clone-20260205-143022"] }) });

export const copyPath = z.object({ copy_id: z.string().meta({ examples: ["copy-3f9c0a7be21d4c58a6e0b1f2"] }) });

export { isCloneId, isJobId };

const cursor = text(512).optional().describe("From the Link of the page before");

/** Numbers in queries are texts. */
const limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .refine((digits) => Number(digits) >= 1 && Number(digits) <= 100, "it is out of bounds|Give 1 to 100")
  .default("50")
  .describe("How many, 1 to 100");

export const jobsQuery = z.strictObject({
  status: z.enum(JOB_STATUSES).optional(),
  type: z.enum(JOB_TYPES).optional(),
  clone_id: text(63).optional(),
  limit,
  cursor,
});

export const clonesQuery = z.strictObject({ customer_id: customerId.optional(), limit, cursor });

export const noQuery = z.strictObject({});

export const idempotencyHeader = z.looseObject({
  "idempotency-key": z
    .string()
    .regex(/^[!-~][ -~]{0,254}$/)
    .optional()
    .describe("Asking twice with the same key and body makes one job; up to 255 printable characters of ASCII"),
});

export const lastEventHeader = z.looseObject({
  "last-event-id": z
    .string()
    .regex(/^\d{1,9}$/)
    .optional()
    .describe("Sequence of the last event that was received"),
});

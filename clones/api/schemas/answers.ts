/** What the API answers. Absent values of a job are null, as in the documents. */
import { z } from "zod";
import { JOB_STATUSES, JOB_TYPES } from "../../domain/job";

const JOB_ID = "job-3f9c0a7be21d4c58a6e0b1f2";
const CLONE_ID = "clone-20260205-143022";
const COPY_ID = "copy-3f9c0a7be21d4c58a6e0b1f2";
const time = z.string().meta({ format: "date-time", examples: ["2026-02-05T14:30:22.000Z"] });

export const problem = z
  .object({
    type: z.string().describe("Where the code is explained"),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: z.string().describe("Stable: programs match this"),
    instance: z.string().optional().describe("Id of the request"),
    trace_id: z.string().optional(),
    errors: z.array(z.object({ code: z.string(), path: z.string(), reason: z.string(), remedy: z.string() })),
  })
  .meta({
    id: "Problem",
    description: "RFC 9457",
    examples: [
      {
        type: "docs/errors.md#REQUEST_FIELD",
        title: "The request can't be fulfilled as it is",
        status: 422,
        detail: "customer_id: it is missing. Give it.",
        code: "REQUEST_FIELD",
        instance: "urn:request:0b9f1c9e5a7d4c31",
        errors: [{ code: "REQUEST_FIELD", path: "customer_id", reason: "it is missing", remedy: "Give it" }],
      },
    ],
  });

export const accepted = z.object({ job_id: z.string(), status: z.enum(JOB_STATUSES), status_url: z.string() }).meta({
  id: "Accepted",
  examples: [{ job_id: JOB_ID, status: "pending", status_url: `/api/v2/job-status/${JOB_ID}` }],
});

const jobFields = {
  job_id: z.string(),
  type: z.enum(JOB_TYPES),
  status: z.enum(JOB_STATUSES),
  progress: z.int().min(0).max(100),
  status_message: z.string().nullable().describe("What it does now, or did last"),
  created_at: time,
  updated_at: time,
  completed_at: time.nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.string().nullable().describe("Why it failed, or failed last"),
  error_code: z.string().nullable(),
  cancel_requested: z.boolean(),
  clone_id: z.string().nullable(),
  rollback_of: z.string().optional().describe("The restore that it puts back"),
};

export const jobStatus = z
  .object({
    ...jobFields,
    clone_url: z.string().optional().describe("Of a completed clone"),
    username: z.string().optional().describe("Of a completed clone, while it lives, where the stack shows it"),
    password: z.string().optional().describe("Of a completed clone, while it lives, where the stack shows it"),
    login_url: z
      .string()
      .optional()
      .describe("Logs in without a password: once, within minutes of the clone's making; shown as the password is"),
    expires_at: time.optional().describe("When the clone ends"),
  })
  .meta({
    id: "JobStatus",
    examples: [
      {
        job_id: JOB_ID,
        type: "clone",
        status: "completed",
        progress: 100,
        status_message: "The clone serves",
        created_at: "2026-02-05T14:30:22.000Z",
        updated_at: "2026-02-05T14:31:10.000Z",
        completed_at: "2026-02-05T14:31:10.000Z",
        result: { clone_id: CLONE_ID, clone_url: "https://test-clone-001.clones.betaweb.ai" },
        error: null,
        error_code: null,
        cancel_requested: false,
        clone_id: CLONE_ID,
        clone_url: "https://test-clone-001.clones.betaweb.ai",
        username: "admin",
        password: "...",
        expires_at: "2026-02-05T15:00:22.000Z",
      },
    ],
  });

export type JobStatus = z.output<typeof jobStatus>;

export const jobPage = z
  .object({ jobs: z.array(z.object(jobFields)), next_cursor: z.string().nullable() })
  .meta({ id: "JobPage" });

export const clone = z
  .object({
    clone_id: z.string(),
    customer_id: z.string(),
    job_id: z.string().nullable(),
    clone_url: z.string().nullable(),
    status: z.enum(["creating", "ready", "ending"]),
    status_message: z.string().nullable(),
    created_at: time,
    expires_at: time,
  })
  .meta({
    id: "Clone",
    examples: [
      {
        clone_id: CLONE_ID,
        customer_id: "test-clone-001",
        job_id: JOB_ID,
        clone_url: "https://test-clone-001.clones.betaweb.ai",
        status: "ready",
        status_message: null,
        created_at: "2026-02-05T14:30:22.000Z",
        expires_at: "2026-02-05T15:00:22.000Z",
      },
    ],
  });

export const clonePage = z
  .object({ clones: z.array(clone), next_cursor: z.string().nullable() })
  .meta({ id: "ClonePage" });

export const tenantCopy = z
  .object({
    copy_id: z.string(),
    database: z.string().describe("What it is a copy of"),
    job_id: z.string(),
    copy_url: z.string().nullable(),
    status: z.enum(["creating", "ready", "failed", "ending"]),
    status_message: z.string().nullable(),
    created_at: time,
    expires_at: time,
  })
  .meta({
    id: "TenantCopy",
    examples: [
      {
        copy_id: COPY_ID,
        database: "acme",
        job_id: JOB_ID,
        copy_url: `https://${COPY_ID}.loomworks.app`,
        status: "ready",
        status_message: null,
        created_at: "2026-02-05T14:30:22.000Z",
        expires_at: "2026-02-05T22:30:22.000Z",
      },
    ],
  });

export const copyList = z.object({ copies: z.array(tenantCopy) }).meta({ id: "TenantCopyList" });

export const legacyAnswer = z
  .object({
    success: z.literal(true),
    message: z.string(),
    job_id: z.string(),
    clone_id: z.string().optional(),
    clone_url: z.string().optional(),
    username: z.string().optional(),
    password: z.string().optional(),
    expires_at: time.optional(),
    result: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "LegacyAnswer" });

export const webhookSecret = z
  .object({ secret: z.string().describe("For the libraries of standardwebhooks.com: whsec_…") })
  .meta({ id: "WebhookSecret" });

export const health = z.object({ status: z.literal("ok") }).meta({ id: "Health" });

export const readiness = z
  .object({
    status: z.enum(["ready", "degraded", "unavailable"]),
    checks: z.record(z.string(), z.enum(["up", "down"])),
  })
  .meta({
    id: "Readiness",
    examples: [{ status: "degraded", checks: { store: "up", queue: "down", directory: "up" } }],
  });

/** Problems that a route can answer with, for the document. */
export function problems(...statuses: readonly number[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: "See docs/errors.md", content: { "application/problem+json": { schema: problem } } },
    ]),
  );
}

/** Those of every route with a key. */
export const COMMON_PROBLEMS = [400, 401, 403, 429, 500, 503] as const;

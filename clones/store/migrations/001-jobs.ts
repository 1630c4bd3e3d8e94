/** The documents' table of jobs with what the service keeps beside it. */
import type { Migration } from "kysely";
import { JOB_STATUSES } from "../../domain/job";
import type { ColumnTypes } from "../dialect";
import { makeTable, TablePlan } from "./table";

/** As they were then; later migrations add theirs. */
export const FIRST_JOB_TYPES = ["clone", "restore", "delete"] as const;

export function jobsMigration(types: ColumnTypes): Migration {
  return {
    async up(db) {
      for (const plan of plans(types)) await makeTable(db, types, plan);
    },
  };
}

function plans(types: ColumnTypes): readonly TablePlan[] {
  const ofJob = "FOREIGN KEY (job_id) REFERENCES jobs (job_id)";
  return [
    jobs(types),
    {
      name: "job_steps",
      lines: [
        "job_id VARCHAR(36) NOT NULL",
        "step VARCHAR(64) NOT NULL",
        `state ${types.choice("state", ["begun", "done", "undone"])} NOT NULL`,
        `output ${types.json} NULL`,
        `updated_at ${types.fineTime} NOT NULL ${types.fineNow}`,
        "PRIMARY KEY (job_id, step)",
        ofJob,
      ],
    },
    {
      name: "job_events",
      lines: [
        `event_id ${types.counter}`,
        "job_id VARCHAR(36) NOT NULL",
        "sequence INT NOT NULL",
        `status ${types.choice("status", JOB_STATUSES)} NOT NULL`,
        "progress INT NOT NULL",
        "message VARCHAR(1000) NULL",
        `happened_at ${types.fineTime} NOT NULL ${types.fineNow}`,
        ...(types.indexesInside ? ["PRIMARY KEY (event_id)"] : []),
        "UNIQUE (job_id, sequence)",
        ofJob,
      ],
    },
    {
      name: "job_secrets",
      lines: [
        "job_id VARCHAR(36) NOT NULL",
        `purpose ${types.choice("purpose", ["request", "result"])} NOT NULL`,
        "sealed TEXT NOT NULL",
        "PRIMARY KEY (job_id, purpose)",
        ofJob,
      ],
    },
    {
      name: "idempotency_keys",
      lines: [
        "tenant_id VARCHAR(40) NOT NULL",
        "key_hash CHAR(64) NOT NULL",
        "fingerprint VARCHAR(128) NOT NULL",
        "job_id VARCHAR(36) NOT NULL",
        `created_at ${types.fineTime} NOT NULL ${types.fineNow}`,
        "PRIMARY KEY (tenant_id, key_hash)",
      ],
      indexes: { idx_idempotency_keys_age: "created_at" },
    },
    {
      name: "api_keys",
      lines: [
        "key_id VARCHAR(32) NOT NULL PRIMARY KEY",
        "tenant_id VARCHAR(40) NOT NULL",
        "name VARCHAR(100) NOT NULL",
        "secret_hash CHAR(64) NOT NULL",
        "scopes VARCHAR(200) NOT NULL",
        "rate_per_minute INT NULL",
        `created_at ${types.fineTime} NOT NULL ${types.fineNow}`,
        `expires_at ${types.fineTime} NULL`,
        `revoked_at ${types.fineTime} NULL`,
      ],
      indexes: { idx_api_keys_tenant: "tenant_id" },
    },
    {
      name: "webhook_deliveries",
      lines: [
        "delivery_id VARCHAR(64) NOT NULL PRIMARY KEY",
        "job_id VARCHAR(36) NOT NULL",
        "url VARCHAR(2048) NOT NULL",
        `payload ${types.json} NOT NULL`,
        "attempts INT NOT NULL DEFAULT 0",
        `next_attempt_at ${types.fineTime} NULL`,
        `delivered_at ${types.fineTime} NULL`,
        "last_error VARCHAR(1000) NULL",
        `created_at ${types.fineTime} NOT NULL ${types.fineNow}`,
        ofJob,
      ],
      indexes: { idx_webhook_deliveries_due: "next_attempt_at", idx_webhook_deliveries_age: "created_at" },
    },
  ];
}

/** The documents' columns as they gave them, then ours. */
function jobs(types: ColumnTypes): TablePlan {
  return {
    name: "jobs",
    lines: [
      ...(types.indexesInside ? [] : [`seq ${types.counter}`]),
      `job_id VARCHAR(36) ${types.keyBesideCounter}`,
      `type ${types.choice("type", FIRST_JOB_TYPES)} NOT NULL`,
      `status ${types.choice("status", JOB_STATUSES)} NOT NULL`,
      "progress INT DEFAULT 0",
      `request_payload ${types.json} NOT NULL`,
      `result ${types.json} NULL`,
      "error TEXT NULL",
      `created_at ${types.time} NULL ${types.now}`,
      `updated_at ${types.time} NULL ${types.now}${types.touched}`,
      `completed_at ${types.time} NULL`,
      `ttl_expires_at ${types.time} NULL`,
      ...(types.indexesInside ? [`seq ${types.counter}`] : []),
      "tenant_id VARCHAR(40) NOT NULL",
      "clone_id VARCHAR(63) NULL",
      "status_message VARCHAR(1000) NULL",
      "error_code VARCHAR(64) NULL",
      "attempt INT NOT NULL DEFAULT 0",
      "failures INT NOT NULL DEFAULT 0",
      `run_after ${types.fineTime} NULL`,
      `cancel_requested_at ${types.fineTime} NULL`,
      "worker_id VARCHAR(128) NULL",
      `lease_until ${types.fineTime} NULL`,
      "traceparent VARCHAR(128) NULL",
      "webhook_url VARCHAR(2048) NULL",
      "events INT NOT NULL DEFAULT 0",
      "needs_secrets INT NOT NULL DEFAULT 0",
      "retry_of VARCHAR(36) NULL",
      ...(types.indexesInside ? ["UNIQUE (seq)"] : []),
      "UNIQUE (retry_of)",
    ],
    indexes: {
      idx_status: "status",
      idx_type: "type",
      idx_created_at: "created_at",
      idx_ttl_expires_at: "ttl_expires_at",
      idx_due: "status, run_after",
      idx_lease: "status, lease_until",
      idx_tenant: "tenant_id, seq",
      idx_clone: "clone_id, seq",
    },
  };
}

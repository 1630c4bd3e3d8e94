/** What the store tells of its jobs. */
import { z } from "zod";
import { Job, JobEvent } from "../domain/job";
import type { Db, SqlDatabase } from "./database";
import { cursorInvalid } from "./errors";
import { isFree, jobWithin } from "./job-changes";
import { eventOf, jobOf } from "./job-rows";
import type { JobPage, JobQuery, JobStore } from "./job-store";
import { checkSchema } from "./migrate";

type Queries = Pick<JobStore, "find" | "list" | "resultSecrets" | "due" | "events" | "counts" | "check">;

/** Jobs on a page, at most; whoever asks for more gets this many. */
export const PAGE = { standard: 50, most: 500 } as const;
/** Events at once. */
const EVENTS = 500;
/** Jobs whose events one statement asks for: beyond that, MySQL no longer looks each of them up by the index. */
const JOBS_PER_STATEMENT = 100;

const CURSOR = z.tuple([z.literal("jobs"), z.number().int().positive()]);

export class JobQueries implements Queries {
  constructor(private readonly database: SqlDatabase) {}

  async find(jobId: string): Promise<Job | undefined> {
    return await this.database.run("find", (db) => jobWithin(db, jobId));
  }

  async list(query: JobQuery): Promise<JobPage> {
    const before = query.cursor === undefined ? undefined : readCursor(query.cursor);
    const limit = Math.min(PAGE.most, Math.max(1, Math.trunc(query.limit ?? PAGE.standard)));
    const { tenantId, status, type, cloneId } = query;
    const rows = await this.database.run("list", (db) =>
      db
        .selectFrom("jobs")
        .selectAll()
        .$if(tenantId !== undefined, (select) => select.where("tenant_id", "=", tenantId ?? ""))
        .$if(cloneId !== undefined, (select) => select.where("clone_id", "=", cloneId ?? ""))
        .$if(status !== undefined, (select) => select.where("status", "=", status ?? "pending"))
        .$if(type !== undefined, (select) => select.where("type", "=", type ?? "clone"))
        .$if(before !== undefined, (select) => select.where("seq", "<", before ?? 0))
        .orderBy("seq", "desc")
        // One more tells whether there is another page.
        .limit(limit + 1)
        .execute(),
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const cursor = rows.length > limit && last !== undefined ? cursorOf(last.seq) : undefined;
    return { jobs: page.map(jobOf), cursor };
  }

  async resultSecrets(jobId: string): Promise<string | undefined> {
    const { dialect } = this.database;
    const row = await this.database.run("resultSecrets", (db) =>
      db
        .selectFrom("job_secrets")
        .innerJoin("jobs", "jobs.job_id", "job_secrets.job_id")
        .select("job_secrets.sealed")
        .where("job_secrets.job_id", "=", jobId)
        .where("job_secrets.purpose", "=", "result")
        .where((eb) => eb.or([eb("ttl_expires_at", "is", null), eb("ttl_expires_at", ">", dialect.now())]))
        .executeTakeFirst(),
    );
    return row?.sealed;
  }

  async due(limit: number): Promise<readonly string[]> {
    const select = (db: Db) =>
      db
        .selectFrom("jobs")
        .select("job_id")
        .where("status", "in", ["pending", "running"])
        .where(isFree(this.database.dialect))
        .orderBy("seq")
        .limit(limit)
        .execute();
    const rows = await this.database.run("due", select);
    return rows.map(({ job_id: id }) => id);
  }

  async events(after: Readonly<Record<string, number>>, limit = EVENTS): Promise<readonly JobEvent[]> {
    const wanted = Object.entries(after);
    const found: { readonly id: number; readonly event: JobEvent }[] = [];
    for (let start = 0; start < wanted.length; start += JOBS_PER_STATEMENT) {
      const some = wanted.slice(start, start + JOBS_PER_STATEMENT);
      const rows = await this.database.run("events", (db) =>
        db
          .selectFrom("job_events")
          .selectAll()
          .where((eb) => eb.or(some.map(([id, seen]) => eb.and([eb("job_id", "=", id), eb("sequence", ">", seen)]))))
          // Given out under the lock of the job's row: within a job, in the order of its sequence.
          .orderBy("event_id")
          .limit(limit)
          .execute(),
      );
      found.push(...rows.map((row) => ({ id: row.event_id, event: eventOf(row) })));
    }
    const oldestFirst = found.sort((one, other) => one.id - other.id);
    return oldestFirst.slice(0, limit).map(({ event }) => event);
  }

  async counts(): ReturnType<JobStore["counts"]> {
    const rows = await this.database.run("counts", (db) =>
      db
        .selectFrom("jobs")
        .select((eb) => ["type", "status", eb.fn.countAll<number | string>().as("count")])
        .groupBy(["type", "status"])
        .orderBy("type")
        .orderBy("status")
        .execute(),
    );
    return rows.map(({ type, status, count }) => ({ type, status, count: Number(count) }));
  }

  async check(): Promise<void> {
    await this.database.run("check", (db) => checkSchema(db, this.database.dialect));
  }
}

function cursorOf(seq: number): string {
  return Buffer.from(JSON.stringify(["jobs", seq])).toString("base64url");
}

function readCursor(cursor: string): number {
  try {
    return CURSOR.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")))[1];
  } catch {
    throw cursorInvalid(cursor);
  }
}

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";
import { adminUrl, DATABASE, MIGRATIONS, query } from "./support/mariadb-account";

const SCRIPT = join(__dirname, "support", "migrate-process.ts");
const PROCESSES = 2;

/** What each of several processes says that it did, all told to begin at the same moment. */
async function migrateByMany(url: string): Promise<readonly string[]> {
  const children = Array.from({ length: PROCESSES }, () => {
    const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, url], { stdio: ["pipe", "pipe", "inherit"] });
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  });
  for (const { lines } of children) expect((await lines.next()).value).toBe("ready");
  for (const { child } of children) child.stdin.write("go");
  const answers = await Promise.all(children.map(({ lines }) => lines.next()));
  return answers.map(({ value }) => String(value)).sort();
}

const ONE_DOES_IT = [JSON.stringify(MIGRATIONS), "[]"].sort();

describe("[CLONE-05] migrations of SQLite", () => {
  it("are run by one of several processes that start at once", async () => {
    const folder = mkdtempSync(join(tmpdir(), "loomworks-store-"));
    try {
      const url = `sqlite:${join(folder, "jobs.db")}`;
      expect(await migrateByMany(url)).toEqual(ONE_DOES_IT);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
});

describeWith(missingMariaDb(), "[CLONE-05] migrations of MariaDB", () => {
  let server: MariaDb;
  beforeAll(async () => (server = await startMariaDb()), 60_000);
  afterAll(() => server.stop(), 30_000);
  beforeEach(async () => {
    await query(server, `DROP DATABASE IF EXISTS ${DATABASE}`);
    await query(server, `CREATE DATABASE ${DATABASE}`);
  });

  it("are run by one of several processes that start at once", async () => {
    expect(await migrateByMany(adminUrl(server))).toEqual(ONE_DOES_IT);
  }, 60_000);

  it("leave the rows of a release that knew no copies as they were", async () => {
    await migrateByMany(adminUrl(server));
    await query(server, "ALTER TABLE jobs MODIFY type ENUM('clone', 'restore', 'delete') NOT NULL");
    await query(server, "DELETE FROM kysely_migration WHERE name = '002-copies'");
    const insert = (id: string, type: string) =>
      query(
        server,
        `INSERT INTO jobs (job_id, type, status, request_payload, tenant_id) VALUES ('${id}', '${type}', 'completed', '{}', 'acme')`,
      );
    await insert("of-before", "restore");
    await expect(insert("too-early", "copy")).rejects.toThrow("Data truncated");
    const before = await query(server, "SELECT * FROM jobs");
    expect(await migrateByMany(adminUrl(server))).toEqual(["[]", JSON.stringify(["002-copies"])].sort());
    expect(await query(server, "SELECT * FROM jobs")).toEqual(before);
    await insert("of-now", "copy");
    expect(await query(server, "SELECT type FROM jobs ORDER BY type")).toEqual([{ type: "restore" }, { type: "copy" }]);
  }, 60_000);

  it("go on where one was cut off in the middle", async () => {
    await migrateByMany(adminUrl(server));
    await query(server, "DROP TABLE webhook_deliveries");
    await query(server, "DELETE FROM kysely_migration");
    expect(await migrateByMany(adminUrl(server))).toEqual(ONE_DOES_IT);
    expect(await query(server, "SELECT * FROM webhook_deliveries")).toEqual([]);
  }, 60_000);
});

import { inspect } from "node:util";
import { openStore, Store } from "../../../clones/store/open";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";
import { MIGRATIONS, prepare, query, serviceUrl } from "./support/mariadb-account";
import { newJob } from "./support/store-bench";
import { storeBehaviour } from "./support/store-suite";

describeWith(missingMariaDb(), "[CLONE-05] a store on MariaDB, with the rights of the service's user", () => {
  let server: MariaDb;
  let store: Store;

  beforeAll(async () => {
    server = await startMariaDb();
    expect(await prepare(server)).toEqual(MIGRATIONS);
    store = openStore(serviceUrl(server));
  }, 60_000);

  afterAll(async () => {
    await store.close();
    await server.stop();
  }, 30_000);

  storeBehaviour(() => ({ store, sql: (statement) => query(server, statement) }));

  it("[CLONE-05] has the documents' types, defaults and indexes", async () => {
    const columns = await query(server, "DESCRIBE jobs");
    const told = columns.slice(0, 11).map((row) => [row.Field, row.Type, row.Null, row.Default, row.Extra]);
    const now = "current_timestamp()";
    expect(told).toEqual([
      ["job_id", "varchar(36)", "NO", null, ""],
      ["type", "enum('clone','restore','delete','copy')", "NO", null, ""],
      ["status", "enum('pending','running','completed','failed','cancelled')", "NO", null, ""],
      ["progress", "int(11)", "YES", "0", ""],
      ["request_payload", "longtext", "NO", null, ""],
      ["result", "longtext", "YES", null, ""],
      ["error", "text", "YES", null, ""],
      ["created_at", "timestamp", "YES", now, ""],
      ["updated_at", "timestamp", "YES", now, `on update ${now}`],
      ["completed_at", "timestamp", "YES", null, ""],
      ["ttl_expires_at", "timestamp", "YES", null, ""],
    ]);
    const indexes = await query(server, "SHOW INDEX FROM jobs");
    const names = indexes.map((row) => `${row.Key_name}:${row.Column_name}`);
    for (const column of ["status", "type", "created_at", "ttl_expires_at"]) {
      expect(names).toContain(`idx_${column}:${column}`);
    }
    expect(names).toContain("PRIMARY:job_id");
  });

  it("keeps UTC, whatever the server's own time zone is", async () => {
    await query(server, "SET GLOBAL time_zone = '+05:30'");
    const other = openStore(serviceUrl(server));
    const { job } = await other.jobs.create({ id: "job-utc", tenantId: "acme", type: "clone", request: {} });
    expect(Math.abs(job.createdAt.getTime() - Date.now())).toBeLessThan(5_000);
    expect((await store.jobs.find("job-utc"))!.createdAt).toEqual(job.createdAt);
    await other.close();
  });

  it("tells in its errors what went wrong, and no value that was to be written", async () => {
    const job = newJob({ request: { note: "hunter2" } });
    await store.jobs.create(job);
    const error: unknown = await store.jobs.create(job).catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 5, showHidden: true })).toMatch(/Duplicate entry/);
    expect(inspect(error, { depth: 5, showHidden: true })).not.toMatch(/hunter2/);
  });
});

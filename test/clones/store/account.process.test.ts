import { GRANTS } from "../../../clones/store/grants";
import { openStore } from "../../../clones/store/open";
import { prepareDatabase } from "../../../clones/store/prepare";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";
import { adminUrl, DATABASE, MIGRATIONS, PASSWORD, prepare, query, serviceUrl, USER } from "./support/mariadb-account";
import { newJob } from "./support/store-bench";

describeWith(missingMariaDb(), "[PLAT-08] the schema job, and the service's user of the database", () => {
  let server: MariaDb;
  const asService = (statement: string) => query(server, statement, { user: USER, password: PASSWORD });

  async function opens(password: string): Promise<string> {
    const store = openStore(serviceUrl(server, password));
    try {
      await store.jobs.check();
      return "opened";
    } catch (error) {
      return (error as Error).message;
    } finally {
      await store.close();
    }
  }

  beforeAll(async () => {
    server = await startMariaDb();
    // Another clone's data, on the same server.
    await query(server, "CREATE DATABASE clone_0");
    await query(server, "CREATE TABLE clone_0.wp_users (id INT)");
  }, 60_000);
  afterAll(() => server.stop(), 30_000);
  beforeEach(() => prepare(server), 30_000);

  it("[CLONE-05] has rights on each table of the service, and on nothing else", async () => {
    const tables = await query(server, "SHOW TABLES");
    const ours = tables.map((row) => String(Object.values(row as object)[0]));
    // The lock of migrations is the administrator's.
    expect(ours.filter((name) => name !== "kysely_migration_lock").sort()).toEqual(Object.keys(GRANTS).sort());
    const grants = (await asService("SHOW GRANTS")).map((row) => String(Object.values(row as object)[0]));
    expect(grants.filter((grant) => / ON \*\.\* | ON `\w+`\.\* /.test(grant))).toEqual([
      expect.stringMatching(/^GRANT USAGE ON \*\.\* TO `job_store`@`%`/),
    ]);
    expect(grants.find((grant) => grant.includes("`jobs`"))).toMatch(/^GRANT SELECT, INSERT, UPDATE ON `clone_jobs`/);
  });

  it.each([
    ["delete jobs", "DELETE FROM jobs"],
    ["empty a table", "TRUNCATE jobs"],
    ["rewrite a job's story", "UPDATE job_events SET progress = 1"],
    ["forget a step", "DELETE FROM job_steps"],
    ["change a secret", "UPDATE job_secrets SET sealed = 'x'"],
    ["raise a key's rights", "UPDATE api_keys SET scopes = 'admin'"],
    ["delete a key", "DELETE FROM api_keys"],
    ["pretend a migration", "INSERT INTO kysely_migration VALUES ('x', 'y')"],
    ["make a table", "CREATE TABLE other (id INT)"],
    ["change a table", "ALTER TABLE jobs ADD COLUMN x INT"],
    ["drop a table", "DROP TABLE jobs"],
    ["make an index", "CREATE INDEX x ON jobs (error(10))"],
    ["make a database", "CREATE DATABASE other"],
    ["make a user", "CREATE USER other"],
    ["give its rights away", "GRANT SELECT ON jobs TO 'mariadb.sys'@'localhost'"],
    ["read accounts", "SELECT * FROM mysql.global_priv"],
    ["read a clone's users", "SELECT * FROM clone_0.wp_users"],
    ["read the server's files", "SELECT LOAD_FILE('/etc/hostname') INTO OUTFILE 'x'"],
  ])("[CLONE-05] can't %s", async (_, statement) => {
    await expect(asService(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/DENIED|ER_CANT_CREATE_USER/),
    });
  });

  it("[CLONE-10] has the Secret's password again after the database lost it", async () => {
    await query(server, `ALTER USER '${USER}'@'%' IDENTIFIED BY 'another'`);
    expect(await opens(PASSWORD)).toMatch(/^STORE_UNAVAILABLE store: .* the database refuses the service's user/);
    expect(await prepare(server)).toEqual([]);
    expect(await opens(PASSWORD)).toBe("opened");
  });

  it("[CLONE-10] has the new password after the Secret was lost and made anew", async () => {
    const store = openStore(serviceUrl(server));
    const { job } = await store.jobs.create(newJob());
    await store.close();
    await prepare(server, "made anew");
    expect(await opens(PASSWORD)).toMatch(/^STORE_UNAVAILABLE/);
    expect(await opens("made anew")).toBe("opened");
    await prepare(server);
    const again = openStore(serviceUrl(server));
    expect(await again.jobs.find(job.id)).toEqual(job);
    await again.close();
  });

  it("[CLONE-10] is there again with its rights after it was dropped", async () => {
    await query(server, `DROP USER '${USER}'@'%'`);
    await prepare(server);
    const store = openStore(serviceUrl(server));
    expect((await store.jobs.create(newJob())).created).toBe(true);
    await store.close();
  });

  it("is made by one of several schema jobs that run at once, from nothing", async () => {
    await query(server, `DROP DATABASE ${DATABASE}`);
    await query(server, `DROP USER '${USER}'@'%'`);
    const done = await Promise.all(Array.from({ length: 4 }, () => prepare(server)));
    expect(done.flat()).toEqual(MIGRATIONS);
    expect(await opens(PASSWORD)).toBe("opened");
  }, 30_000);

  it("is never the administrator, and has a name and a password that can be", async () => {
    const url = adminUrl(server);
    const wrong = [{ user: "root" }, { user: "a'@'%" }, { password: "" }, { adminUrl: url.replace(DATABASE, "a`b") }];
    for (const one of [...wrong, { adminUrl: url.replace(DATABASE, "") }]) {
      const asked = prepareDatabase({ adminUrl: url, password: "hunter2", ...one });
      await expect(asked).rejects.toMatchObject({ problems: [{ code: "STORE_ACCOUNT" }] });
      await expect(asked).rejects.not.toThrow(/hunter2/);
    }
  });

  it("isn't made by an administrator whose password is wrong, and no password is told", async () => {
    const url = adminUrl(server).replace(server.rootPassword, "hunter2");
    const refused = await prepareDatabase({ adminUrl: url, password: "hunter3" }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "STORE_UNAVAILABLE" });
    const told = [refused, (refused as Error).cause].map((error) => JSON.stringify(error) + String(error));
    expect(told.join()).not.toMatch(/hunter/);
  });
});

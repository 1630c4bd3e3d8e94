import { Connection, createConnection } from "mysql2/promise";
import { sharedDatabaseOf } from "../../../clones/cleaner/shared-database";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";

const OURS = "clone_0123456789abcdef01234567";
const OTHER = "clone_ffffffffffffffffffffffff";
const PASSWORD = "a-password-of-the-tests";

describeWith(missingMariaDb(), "[KRO-03] the schema of a clone on a real server", () => {
  let server: MariaDb;
  let root: Connection;

  const login = (user: string, password: string, more: object = {}) =>
    createConnection({ host: server.host, port: server.port, user, password, ...more });
  const shared = (password = PASSWORD) =>
    sharedDatabaseOf({
      SHARED_DATABASE_HOST: server.host,
      SHARED_DATABASE_PORT: String(server.port),
      SHARED_DATABASE_USER: "cleaner",
      SHARED_DATABASE_PASSWORD: password,
    });
  const namesOf = async (sql: string) => {
    const [rows] = await root.query({ sql, rowsAsArray: true });
    return (rows as string[][]).flat();
  };
  const schemas = () => namesOf("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'clone%'");
  const users = () => namesOf("SELECT User FROM mysql.user WHERE User LIKE 'clone%'");

  /** As the cleaner makes them, and WordPress fills them. */
  async function make(name: string): Promise<void> {
    await shared().make(name, PASSWORD);
    for (const sql of [
      `CREATE TABLE ${name}.wp_posts (id INT PRIMARY KEY, content TEXT) ENGINE=InnoDB`,
      `INSERT INTO ${name}.wp_posts VALUES (1, 'of a customer')`,
    ]) {
      await root.query(sql);
    }
  }

  beforeAll(async () => {
    server = await startMariaDb();
    root = await login("root", server.rootPassword);
    await root.query(`CREATE USER 'cleaner'@'%' IDENTIFIED BY '${PASSWORD}'`);
    // As docs/runbook.md has it.
    await root.query("GRANT ALL PRIVILEGES ON `clone\\_%`.* TO 'cleaner'@'%' WITH GRANT OPTION");
    await root.query("GRANT CREATE USER ON *.* TO 'cleaner'@'%'");
  }, 60_000);
  afterAll(() => server.stop(), 30_000);

  beforeEach(async () => {
    await make(OURS);
    await make(OTHER);
  });
  afterEach(async () => {
    for (const name of [OURS, OTHER]) {
      await root.query(`DROP DATABASE IF EXISTS ${name}`);
      await root.query(`DROP USER IF EXISTS '${name}'@'%'`);
    }
  });

  it("goes with its tables and its user, and no other's does", async () => {
    await (await login(OURS, PASSWORD, { database: OURS })).end();
    await shared().drop(OURS);
    expect(await schemas()).toEqual([OTHER]);
    expect(await users()).toEqual([OTHER]);
    await expect(login(OURS, PASSWORD)).rejects.toMatchObject({ code: "ER_ACCESS_DENIED_ERROR" });
    const survivor = await login(OTHER, PASSWORD, { database: OTHER });
    const [rows] = await survivor.query("SELECT content FROM wp_posts");
    expect(rows).toEqual([{ content: "of a customer" }]);
    survivor.destroy();
  });

  it("[CLONE-10] is its user's alone, and its password is the Secret's also where the user had another", async () => {
    await shared().make(OURS, "the-newest-of-its-Secret");
    await expect(login(OURS, PASSWORD)).rejects.toMatchObject({ code: "ER_ACCESS_DENIED_ERROR" });
    const user = await login(OURS, "the-newest-of-its-Secret", { database: OURS });
    const [rows] = await user.query("SELECT content FROM wp_posts");
    expect(rows).toEqual([{ content: "of a customer" }]);
    await user.query("CREATE TABLE wp_options (name VARCHAR(191) PRIMARY KEY)");
    await expect(user.query(`SELECT * FROM ${OTHER}.wp_posts`)).rejects.toMatchObject({ errno: 1142 });
    await expect(user.query("CREATE DATABASE clonexffffffffffffffffffffffff")).rejects.toMatchObject({ errno: 1044 });
    user.destroy();
  });

  it("may have gone already, wholly or by half", async () => {
    await shared().drop(OURS);
    await shared().drop(OURS);
    await root.query(`DROP DATABASE ${OTHER}`);
    await shared().drop(OTHER);
    expect([await schemas(), await users()]).toEqual([[], []]);
  });

  it("[CLONE-14] is left for another time while a connection holds it, and doesn't keep the cleaner", async () => {
    const holder = await login(OURS, PASSWORD, { database: OURS });
    await holder.query("START TRANSACTION");
    await holder.query("SELECT * FROM wp_posts");
    await expect(shared().drop(OURS)).rejects.toMatchObject({ code: "ER_LOCK_WAIT_TIMEOUT" });
    expect(await users()).toContain(OURS);
    holder.destroy();
    await shared().drop(OURS);
    expect(await schemas()).toEqual([OTHER]);
  }, 40_000);

  it("[CLONE-14] goes after a crash of the server, once that is back", async () => {
    await server.kill();
    await expect(shared().drop(OURS)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.start();
    root = await login("root", server.rootPassword);
    expect(await schemas()).toContain(OURS);
    await shared().drop(OURS);
    expect(await schemas()).toEqual([OTHER]);
  }, 60_000);

  it("stays where the cleaner is no longer let in, and its password isn't told", async () => {
    const error = await shared("a-wrong-password")
      .drop(OURS)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "ER_ACCESS_DENIED_ERROR" });
    expect(String(error)).not.toContain("a-wrong-password");
    expect(await schemas()).toContain(OURS);
  });
});

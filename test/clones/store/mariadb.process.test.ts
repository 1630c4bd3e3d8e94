import { createConnection } from "mysql2/promise";
import { openStore, Store } from "../../../clones/store/open";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";
import { storeBehaviour } from "./support/store-suite";

describeWith(missingMariaDb(), "a store on MariaDB", () => {
  let server: MariaDb;
  let store: Store;

  async function asRoot(statement: string): Promise<any[]> {
    const { host, port, rootPassword: password } = server;
    const connection = await createConnection({ host, port, user: "root", password });
    try {
      await connection.query("CREATE DATABASE IF NOT EXISTS clone_jobs");
      await connection.query("USE clone_jobs");
      const [rows] = await connection.query(statement);
      return Array.isArray(rows) ? rows : [];
    } finally {
      connection.destroy();
    }
  }

  beforeAll(async () => {
    server = await startMariaDb();
    await asRoot("SELECT 1");
    store = openStore(`mysql://root:${server.rootPassword}@${server.host}:${server.port}/clone_jobs`);
    expect(await store.migrate()).toEqual(["001-jobs"]);
  }, 60_000);

  afterAll(async () => {
    await store.close();
    await server.stop();
  }, 30_000);

  storeBehaviour(() => ({ store, sql: asRoot }));
});

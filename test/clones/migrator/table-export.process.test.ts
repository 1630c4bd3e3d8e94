import { createConnection } from "mysql2/promise";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests, runPhp } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's export of tables, of SQLite", () => {
  phpTests("table-export.php", "[CLONE-06]");
});

describeWith(missingPhp() ?? missingMariaDb(), "custom-migrator's export of tables, of MariaDB", () => {
  let server: MariaDb;
  beforeAll(async () => (server = await startMariaDb()), 60_000);
  afterAll(() => server.stop(), 30_000);

  it("[CLONE-06] does there all that it does on SQLite", async () => {
    const { host, port, rootPassword: password } = server;
    const connection = await createConnection({ host, port, user: "root", password });
    await connection.query("CREATE DATABASE shop");
    await connection.end();
    const { checks, ended } = runPhp("table-export.php", {
      MIGRATOR_DSN: `mysql:host=${host};port=${port};dbname=shop;charset=utf8mb4`,
      MIGRATOR_USER: "root",
      MIGRATOR_PASSWORD: password,
    });
    expect(checks.filter(({ failure }) => failure !== "")).toEqual([]);
    expect(ended).toBe("");
    expect(checks.length).toBeGreaterThan(10);
  }, 60_000);
});

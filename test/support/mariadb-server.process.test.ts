import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { createConnection } from "mysql2/promise";
import { MariaDb, missingMariaDb, startMariaDb } from "./mariadb-server";
import { describeWith } from "./requires";

async function query(server: MariaDb, sql: string, password = server.rootPassword): Promise<unknown> {
  const connection = await createConnection({ host: server.host, port: server.port, user: "root", password });
  try {
    const [rows] = await connection.query(sql);
    return rows;
  } finally {
    connection.destroy();
  }
}

describeWith(missingMariaDb(), "a MariaDB of a suite's own", () => {
  let server: MariaDb;
  beforeAll(async () => (server = await startMariaDb()), 60_000);
  afterAll(() => server.stop(), 30_000);

  it("lets in root alone, and by its password alone", async () => {
    await expect(query(server, "SELECT 1", "")).rejects.toMatchObject({ code: "ER_ACCESS_DENIED_ERROR" });
    expect(await query(server, "SELECT DISTINCT User FROM mysql.user WHERE User <> 'mariadb.sys'")).toEqual([
      { User: "root" },
    ]);
  });

  it("has what was committed after a crash, on the same port", async () => {
    await query(server, "CREATE DATABASE kept");
    await query(server, "CREATE TABLE kept.one (id INT PRIMARY KEY) ENGINE=InnoDB");
    await query(server, "INSERT INTO kept.one VALUES (7)");
    await server.kill();
    await expect(query(server, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.start();
    expect(await query(server, "SELECT id FROM kept.one")).toEqual([{ id: 7 }]);
  }, 60_000);

  it("leaves nothing behind when it stops", async () => {
    const other = await startMariaDb();
    const folder = dirname(dirname(other.socket));
    expect(existsSync(folder)).toBe(true);
    await other.stop();
    expect(existsSync(folder)).toBe(false);
    await expect(query(other, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  }, 60_000);
});

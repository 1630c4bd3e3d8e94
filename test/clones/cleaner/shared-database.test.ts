import type { AddressInfo } from "node:net";
import mysql from "mysql2";
import { noSharedDatabase, sharedDatabaseOf } from "../../../clones/cleaner/shared-database";

const NAME = "clone_0123456789abcdef01234567";

/** A server that speaks MySQL's protocol and notes what it is told. */
function database() {
  const queries: string[] = [];
  // Types of mysql2 leave its server out.
  const server = (mysql as any).createServer();
  server.on("connection", (connection: any) => {
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: "8.4.0",
      connectionId: 1,
      statusFlags: 2,
      characterSet: 8,
      capabilityFlags: 0xffffff ^ 2048,
      authCallback: (_: unknown, done: (...args: unknown[]) => void) => {
        done(null, null);
        // Each command counts its packets from 0; this server leaves that to whoever uses it.
        setImmediate(() => (connection.sequenceId = 0));
      },
    });
    connection.on("query", (sql: string) => {
      queries.push(sql);
      connection.writeOk();
      connection.sequenceId = 0;
    });
    connection.on("error", () => undefined);
  });
  return new Promise<{ queries: string[]; env: Record<string, string>; close: () => void }>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server._server.address() as AddressInfo;
      const env = { SHARED_DATABASE_HOST: "127.0.0.1", SHARED_DATABASE_PORT: String(port) };
      resolve({ queries, env: { ...env, SHARED_DATABASE_USER: "cleaner" }, close: () => server.close() });
    });
  });
}

describe("[KRO-03] the schema of a clone", () => {
  it("is dropped with its user, and may be gone already", async () => {
    const { queries, env, close } = await database();
    await sharedDatabaseOf(env).drop(NAME);
    close();
    expect(queries).toEqual([`DROP DATABASE IF EXISTS \`${NAME}\``, `DROP USER IF EXISTS '${NAME}'@'%'`]);
  });

  it.each(["mysql", "clone_x", `${NAME}\`; DROP DATABASE mysql`, "CLONE_0123456789abcdef01234567"])(
    "is nothing that is called %j",
    async (name) => {
      const { queries, env, close } = await database();
      await expect(sharedDatabaseOf(env).drop(name)).rejects.toThrow("no schema of a clone");
      close();
      expect(queries).toEqual([]);
    },
  );

  it("stays where nobody said where it is, and somebody gets to know", async () => {
    expect(sharedDatabaseOf({})).toBe(noSharedDatabase);
    await expect(noSharedDatabase.drop(NAME)).rejects.toMatchObject({ code: "CLONE_SHARED_DATABASE" });
  });
});

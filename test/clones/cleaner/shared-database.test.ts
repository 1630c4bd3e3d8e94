import { AddressInfo, createServer } from "node:net";
import { noSharedDatabase, sharedDatabaseOf } from "../../../clones/cleaner/shared-database";

const NAME = "clone_0123456789abcdef01234567";

/** What happens on a real server stands in shared-database.process.test.ts. */
describe("[KRO-03] the schema of a clone", () => {
  it.each(["mysql", "clone_x", `${NAME}\`; DROP DATABASE mysql`, "CLONE_0123456789abcdef01234567"])(
    "is nothing that is called %j, and no server is asked",
    async (name) => {
      let connections = 0;
      const server = createServer((socket) => {
        connections += 1;
        socket.destroy();
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const database = sharedDatabaseOf({ SHARED_DATABASE_HOST: "127.0.0.1", SHARED_DATABASE_PORT: String(port) });
      await expect(database.drop(name)).rejects.toThrow("no schema of a clone");
      expect(connections).toBe(0);
      // The very same server hears of a name that is one.
      await expect(database.drop(NAME)).rejects.toMatchObject({ code: "PROTOCOL_CONNECTION_LOST" });
      expect(connections).toBe(1);
      server.close();
    },
  );

  it("stays where nobody said where it is, and somebody gets to know", async () => {
    expect(sharedDatabaseOf({})).toBe(noSharedDatabase);
    await expect(noSharedDatabase.drop(NAME)).rejects.toMatchObject({ code: "CLONE_SHARED_DATABASE" });
  });
});

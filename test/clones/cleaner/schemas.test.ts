import { SharedSchemas } from "../../../clones/cleaner/schemas";
import type { WordPressClone } from "../../../clones/domain/clone";
import { sharedDatabaseName } from "../../../clones/domain/database";
import type { Kube } from "../../../clones/provisioner/kube";
import { cloneObject } from "../objects";
import { RecordedDatabase } from "../support";

const NAME = "clone-20260205-143022";
const SECRET = { credentialsSecret: `${NAME}-credentials` };
const UID = "0b8a8f0e-1d3c-4f5a-9b7e-2c4d6e8f0a1b";

function begun(more: Parameters<typeof cloneObject>[1] = {}): WordPressClone {
  return cloneObject(NAME, { status: SECRET, ...more, metadata: { uid: UID, ...more.metadata } });
}

/** A cluster with that clone's Secret. @param there the clone, when somebody looks again */
function schemas(there: WordPressClone | undefined) {
  const database = new RecordedDatabase();
  const kube = {
    find: () => Promise.resolve(there),
    secret: (_: string, name: string) =>
      Promise.resolve(name === SECRET.credentialsSecret ? { "database-password": "of-the-secret" } : undefined),
  } as unknown as Kube;
  return { database, schemas: new SharedSchemas(kube, database) };
}

describe("[KRO-07] the schema of a clone on the shared server", () => {
  it("is due once its password is there, until it was made, and after that by no event", async () => {
    const { database, schemas: own } = schemas(begun());
    expect(own.isDue(cloneObject(NAME))).toBe(false);
    expect(own.isDue(begun())).toBe(true);
    await own.make(begun());
    expect(database.made).toEqual([[sharedDatabaseName(UID), "of-the-secret"]]);
    expect(own.isDue(begun())).toBe(false);
  });

  it.each([
    ["a clone that is ending", { metadata: { deletionTimestamp: "2026-02-05T14:30:23Z" } }],
    ["one with a database beside it", { spec: { database: "sidecar" } }],
    ["one with a database of its own", { spec: { useDedicatedDatabase: true } }],
  ] as const)("is nothing that %s needs", (_, more) => {
    expect(schemas(begun()).schemas.isDue(begun(more))).toBe(false);
  });

  it("goes again where the clone ended while it was made", async () => {
    const { database, schemas: own } = schemas(undefined);
    await own.make(begun());
    expect(database.dropped).toEqual([sharedDatabaseName(UID)]);
    expect(own.isDue(begun())).toBe(true);
  });

  it("is made another time where the server refused, or the Secret isn't there", async () => {
    const { database, schemas: own } = schemas(begun());
    database.failure = "connect ECONNREFUSED";
    await expect(own.make(begun())).rejects.toThrow("ECONNREFUSED");
    const elsewhere = begun({ status: { credentialsSecret: "another" } });
    await expect(own.make(elsewhere)).rejects.toMatchObject({ code: "CLONE_CREDENTIALS" });
    expect(own.isDue(begun())).toBe(true);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { openStore, Store } from "../../../clones/store/open";
import { storeBehaviour } from "./support/store-suite";

describe("a store on SQLite", () => {
  let folder: string;
  let store: Store;
  let beside: Libsql.Database;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "loomworks-store-"));
    const file = join(folder, "jobs.db");
    store = openStore(`sqlite:${file}`);
    expect(await store.migrate()).toEqual(["001-jobs", "002-copies"]);
    beside = new Libsql(file, { timeout: 2_000 });
  });

  afterAll(async () => {
    beside.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  storeBehaviour(() => ({
    store,
    sql: (statement) => {
      const prepared = beside.prepare(statement);
      if (statement.startsWith("SELECT")) return Promise.resolve(prepared.all());
      prepared.run();
      return Promise.resolve([]);
    },
  }));
});

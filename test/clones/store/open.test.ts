import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../../clones/store/open";
import { mysqlServerOf } from "../../../clones/store/mysql";
import { newJob } from "./support/store-bench";

describe("the store's URL", () => {
  it("names a MySQL server with all that a password may hold", () => {
    expect(mysqlServerOf("mysql://job_store:p%40s%2Fs%3Aw%23rd@db.example.com/clone_jobs?tls=true")).toEqual({
      host: "db.example.com",
      port: 3306,
      user: "job_store",
      password: "p@s/s:w#rd",
      database: "clone_jobs",
      tls: true,
    });
    expect(mysqlServerOf("mysql://u@[::1]:3307")).toMatchObject({ host: "::1", port: 3307, database: undefined });
  });

  it.each([
    "",
    "jobs.db",
    "sqlite:",
    "postgres://u:hunter2@h/d",
    "mysql://",
    "mysql:hunter2",
    "mysql://u:hunter2@h:99999/d",
    "mysql://u:hunter2%@h/d",
    "mysql://u:hunter2@h/d?tls=maybe",
    "mysql://u:hunter2@h/d?ssl=true",
  ])("%j is refused, and its password isn't shown", (url) => {
    const open = () => openStore(url);
    expect(open).toThrow(/^STORE_URL database URL: got "\(hidden\)"/);
    expect(open).not.toThrow(/hunter2/);
  });
});

describe("a store without its database", () => {
  it("is unavailable, with 503, on a port where nobody listens", async () => {
    const store = openStore("mysql://u:hunter2@127.0.0.1:1/d");
    const asked = store.jobs.find("job-1");
    await expect(asked).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
    await expect(asked).rejects.not.toThrow(/hunter2|127\.0\.0\.1/);
    await store.close();
  });

  it("is unavailable in a folder that isn't there", async () => {
    const store = openStore(`sqlite:${join(tmpdir(), "no-such-folder", "jobs.db")}`);
    await expect(store.jobs.check()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
    await store.close();
  });

  it("says that the schema is missing where nobody made one", async () => {
    const store = openStore("sqlite::memory:");
    await expect(store.jobs.check()).rejects.toMatchObject({ code: "STORE_SCHEMA", status: 503 });
    await expect(store.jobs.create(newJob())).rejects.toMatchObject({ code: "STORE_SCHEMA" });
    await store.migrate();
    await expect(store.jobs.check()).resolves.toBeUndefined();
    await store.close();
  });
});

describe("two stores on one file", () => {
  it("take turns without holding the process up", async () => {
    const folder = mkdtempSync(join(tmpdir(), "loomworks-store-"));
    const stores = [1, 2].map(() => openStore(`sqlite:${join(folder, "jobs.db")}`));
    const done = await Promise.all(stores.map((store) => store.migrate()));
    expect(done.flat()).toEqual(["001-jobs", "002-copies"]);
    const asked = Array.from({ length: 60 }, (_, index) => stores[index % 2]!.jobs.create(newJob()));
    expect((await Promise.all(asked)).every(({ created }) => created)).toBe(true);
    await Promise.all(stores.map((store) => store.close()));
    rmSync(folder, { recursive: true });
  });
});

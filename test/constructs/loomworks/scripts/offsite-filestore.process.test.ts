import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../../cluster/eventually";
import { Bucket, missingRclone } from "../../../support/bucket";
import { missingPostgres, postgresBinaries, PostgresServer } from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";
import { restore } from "../../../support/restored-postgres";

jest.setTimeout(120_000);

const HOUR_SECONDS = 3600;

describeWith(missingPostgres() ?? missingRclone(), "[LOOM-14] attachments in the bucket", () => {
  let server: PostgresServer;
  let bucket: Bucket;
  let filestore: string;

  beforeAll(async () => {
    bucket = await Bucket.start({ keepsVersions: true });
    server = await PostgresServer.start(postgresBinaries()!);
    filestore = server.createFolder("filestore");
  }, 900_000);
  afterAll(async () => {
    await server.stop();
    await bucket.stop();
  });

  const volumes = () => ({
    BACKUPS: server.path("backups"),
    WAL_ARCHIVE: server.path("wal-archive"),
    METRICS: server.path("metrics"),
    FILESTORE: filestore,
  });
  const copy = (part = "filestore", env: Record<string, string> = {}) =>
    bucket.run("copy-offsite.sh", [part], { ...volumes(), BUCKET_DAYS: "120", ...env });
  const fetchBack = (args: readonly string[], to: string, env: Record<string, string> = {}) =>
    bucket.run("fetch-offsite.sh", args, { ...volumes(), FILESTORE: server.createFolder(to), ...env });
  const metric = (name: string) =>
    Number(
      new RegExp(`^${name}(?:{.*})? (.*)$`, "m").exec(
        readFileSync(server.path("metrics/offsite-filestore.prom"), "utf8"),
      )?.[1],
    );
  /** As Odoo names it. */
  const nameOf = (content: string, database = "acme") => {
    const sha = createHash("sha1").update(content).digest("hex");
    return `filestore/${database}/${sha.slice(0, 2)}/${sha}`;
  };
  const write = (name: string, content: string, ageSeconds = 0) => {
    mkdirSync(dirname(join(filestore, name)), { recursive: true });
    writeFileSync(join(filestore, name), content);
    const time = Date.now() / 1000 - ageSeconds;
    utimesSync(join(filestore, name), time, time);
  };
  const attach = (content: string, database?: string) => {
    write(nameOf(content, database), content);
    return nameOf(content, database);
  };

  it("are there as soon as a database has any, and no sessions, nor lists of what Odoo will delete", async () => {
    expect(await copy()).toMatchObject({ status: 0 });
    expect(metric("loomworks_filestore_files")).toBe(0);
    const files = [attach("invoice"), attach("photo"), attach("contract", "globex")];
    write("sessions/ab/abcdef", "a session");
    write(`filestore/acme/checklist/${nameOf("invoice").slice(-43)}`, "");
    expect(await copy()).toEqual({ status: 0, output: expect.stringContaining('"part":"filestore"') });
    expect(Object.keys(await bucket.versions()).sort()).toEqual([...files, "filestore.json"].sort());
    expect(metric("loomworks_filestore_files")).toBe(3);
    expect(metric("loomworks_filestore_bytes")).toBe("invoicephotocontract".length);
    expect(metric("loomworks_filestore_damaged_files")).toBe(0);
  });

  it("are sent once, and again before the bucket ends them by their age", async () => {
    expect(await copy()).toMatchObject({ status: 0 });
    expect((await bucket.versions())[nameOf("invoice")]).toBe(1);
    await sleep(1100);
    expect(await copy("filestore", { BUCKET_DAYS: "0" })).toMatchObject({ status: 0 });
    expect((await bucket.versions())[nameOf("invoice")]).toBe(2);
  });

  it("aren't sent while Odoo still writes them, nor when they are damaged, of which Prometheus hears", async () => {
    write(nameOf("a whole file"), "a who");
    write(nameOf("an old file"), "an 0ld file", 2 * HOUR_SECONDS);
    expect(await copy()).toEqual({ status: 0, output: expect.stringContaining('"event":"file-damaged"') });
    expect(await bucket.versions()).not.toHaveProperty([nameOf("a whole file")]);
    expect(await bucket.versions()).not.toHaveProperty([nameOf("an old file")]);
    expect(metric("loomworks_filestore_damaged_files")).toBe(1);
    attach("a whole file");
    attach("an old file");
    expect(await copy()).toMatchObject({ status: 0 });
    expect(await bucket.versions()).toMatchObject({ [nameOf("a whole file")]: 1, [nameOf("an old file")]: 1 });
    expect(metric("loomworks_filestore_damaged_files")).toBe(0);
  });

  it("don't follow damage into the bucket, nor deletion", async () => {
    write(nameOf("photo"), "ph0to", 2 * HOUR_SECONDS);
    rmSync(join(filestore, nameOf("invoice")));
    await sleep(1100);
    const before = await bucket.versions();
    expect(await copy("filestore", { BUCKET_DAYS: "0" })).toMatchObject({ status: 0 });
    const after = await bucket.versions();
    for (const content of ["photo", "invoice"]) expect(after[nameOf(content)]).toBe(before[nameOf(content)]);
    expect(metric("loomworks_filestore_damaged_files")).toBe(1);
    attach("photo");
  });

  it("[LOOM-15] come back, of one database or of all, and each is what its name says", async () => {
    expect(await fetchBack(["--filestore"], "all")).toEqual({
      status: 0,
      output: expect.stringContaining('"files":5'),
    });
    expect(readFileSync(server.path("all", nameOf("photo")), "utf8")).toBe("photo");
    expect(await fetchBack(["--filestore", "globex"], "one")).toMatchObject({ status: 0 });
    expect(readdirSync(server.path("one/filestore"))).toEqual(["globex"]);
    const none = await fetchBack(["--filestore", "nobody"], "none");
    expect(none).toEqual({ status: 1, output: expect.stringContaining("there are no files of it in the bucket") });
  });

  it("[LOOM-15] are all there that the database names, up to the moment that the copy says", async () => {
    const env = server.prepareBackups({ count: 2, days: 1 });
    expect(server.script("backup.sh", [], env)).toMatchObject({ status: 0 });
    expect(server.query("CREATE TABLE attachment (store text, at timestamptz DEFAULT clock_timestamp())").status).toBe(
      0,
    );
    const writing = new AbortController();
    // As Odoo does: the file first, then the row.
    const odoo = (async () => {
      for (let count = 0; !writing.signal.aborted; count++) {
        const store = attach(`attachment ${count}`);
        expect(server.query(`INSERT INTO attachment VALUES ('${store}')`).status).toBe(0);
        await sleep(5);
      }
    })();
    for (let round = 0; round < 3; round++) {
      await sleep(300);
      expect(await copy()).toMatchObject({ status: 0 });
    }
    await sleep(1100);
    writing.abort();
    await odoo;
    const segment = server.query("SELECT pg_walfile_name(pg_switch_wal())").stdout;
    await eventually(() => existsSync(server.path("wal-archive", `${segment}.zst`)), { what: "the archived segment" });
    for (const part of ["wal", "backups"]) expect(await copy(part)).toMatchObject({ status: 0 });

    const back = { BACKUPS: server.createFolder("back-backups"), WAL_ARCHIVE: server.createFolder("back-wal") };
    const database = await fetchBack([], "back-files", back);
    const files = await fetchBack(["--filestore", "acme"], "back-files", back);
    expect([database.status, files.status]).toEqual([0, 0]);
    const complete = /"complete":"(.*?)"/.exec(files.output)?.[1] ?? "";
    const backup = /"backup":"(.*?)"/.exec(database.output)?.[1] ?? "";
    for (const folder of Object.values(back)) server.runToEnd("chmod", ["-R", "a+rX", folder]);

    const restored = await restore(server, {
      backup,
      backups: back.BACKUPS,
      archive: back.WAL_ARCHIVE,
      time: complete,
    });
    const rows = restored.query("SELECT store FROM attachment").stdout.split("\n");
    restored.stop();
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter((store) => !existsSync(server.path("back-files", store)))).toEqual([]);
    // Later rows were written, and their files aren't there: it is the moment that makes it whole.
    const later = server.query(`SELECT store FROM attachment WHERE at > '${complete}'::timestamptz + '1 s'`).stdout;
    expect(later.split("\n").some((store) => !existsSync(server.path("back-files", store)))).toBe(true);
  });

  it("[LOOM-15] come back as they were at a moment, whatever was written over them since", async () => {
    const before = new Date().toISOString();
    await sleep(1100);
    // Somebody who took over the cluster may write there, as the copy does.
    await bucket.put(nameOf("photo"), "forged");
    const now = await fetchBack(["--filestore"], "now");
    expect(now).toEqual({ status: 1, output: expect.stringContaining("files do not match their names") });
    const then = await fetchBack(["--at", before, "--filestore"], "then");
    expect(then).toMatchObject({ status: 0 });
    expect(readFileSync(server.path("then", nameOf("photo")), "utf8")).toBe("photo");
  });
});

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../../cluster/eventually";
import { Bucket, missingRclone } from "../../../support/bucket";
import { holdings, Ledger } from "../../../support/ledger";
import { missingPostgres, postgresBinaries, PostgresServer } from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";
import { restore } from "../../../support/restored-postgres";

const binaries = postgresBinaries();
const missing = missingPostgres() ?? missingRclone();

jest.setTimeout(120_000);

describeWith(missing, "[LOOM-14] the copy in the bucket", () => {
  let server: PostgresServer;
  let bucket: Bucket;
  let name: string;

  beforeAll(async () => {
    // Built where nobody has it yet.
    bucket = await Bucket.start();
    server = await PostgresServer.start(binaries!);
    const backup = server.prepareBackups({ count: 2, days: 1 });
    const run = server.script("backup.sh", [], backup);
    if (run.status !== 0) throw new Error(run.stdout + run.stderr);
    name = readdirSync(server.path("backups"))
      .find((file) => file.endsWith(".json"))!
      .replace(".json", "");
    new Ledger(server);
    server.query("INSERT INTO ledger SELECT n, '' FROM generate_series(1, 1000) AS n");
    const segment = server.query("SELECT pg_walfile_name(pg_switch_wal())").stdout;
    await eventually(() => existsSync(server.path("wal-archive", `${segment}.zst`)), { what: "the archived segment" });
  }, 900_000);
  afterAll(async () => {
    await server.stop();
    await bucket.stop();
  });

  const copy = (part: "wal" | "backups", env: Record<string, string> = {}) =>
    bucket.run("copy-offsite.sh", [part], { ...volumes(), ...env });
  const volumes = () => ({
    BACKUPS: server.path("backups"),
    WAL_ARCHIVE: server.path("wal-archive"),
    METRICS: server.path("metrics"),
  });
  const fetchBack = (args: readonly string[], env: Record<string, string>) =>
    bucket.run("fetch-offsite.sh", args, { ...volumes(), ...env });
  const objects = (folder: string) => {
    const path = join(bucket.objects, "loomworks", folder);
    return existsSync(path) ? readdirSync(path).sort() : [];
  };
  const local = (folder: string, pattern: RegExp) =>
    readdirSync(server.path(folder))
      .filter((file) => pattern.test(file))
      .sort();
  const metrics = (part: string) => readFileSync(server.path(`metrics/offsite-${part}.prom`), "utf8");

  it("isn't made where there is no bucket, and that is no failure", async () => {
    expect(await copy("wal", { BUCKET: "" })).toEqual({ status: 0, output: expect.stringContaining("offsite-off") });
    expect(existsSync(server.path("metrics/offsite-wal.prom"))).toBe(false);
  });

  it("fails, and deletes nothing here, while the bucket can't be reached", async () => {
    const before = readdirSync(server.path("backups"));
    await bucket.stopServing();
    const { status, output } = await copy("wal", { RCLONE_RETRIES: "1", RCLONE_LOW_LEVEL_RETRIES: "1" });
    await bucket.serve();
    expect(output).toContain("connection refused");
    expect(status).not.toBe(0);
    expect(readdirSync(server.path("backups"))).toEqual(before);
    expect(existsSync(server.path("metrics/offsite-wal.prom"))).toBe(false);
  });

  it("isn't let in without the pod's token", async () => {
    const nobody = server.path("scratch/token");
    writeFileSync(nobody, "token of another pod");
    const none = { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: nobody, RCLONE_RETRIES: "1" };
    const { status, output } = await copy("wal", { ...none, AWS_MAX_ATTEMPTS: "1", AWS_EC2_METADATA_DISABLED: "true" });
    expect(output).toContain("failed to load credentials");
    expect(status).not.toBe(0);
    expect(objects("wal")).toEqual([]);
  });

  it("has WAL that came while a backup is still on its way", async () => {
    const slow = bucket.begin("copy-offsite.sh", ["backups"], { ...volumes(), RCLONE_BWLIMIT: "20k" });
    expect(await copy("wal")).toMatchObject({ status: 0 });
    expect(slow.isRunning()).toBe(true);
    expect(objects("wal")).toEqual(local("wal-archive", /^[0-9A-F]/));
    expect(objects("backups")).toEqual([]);
    slow.breakOff();
    await slow.ended;
  });

  it("has good backups and whole segments, and nothing else that lies about", async () => {
    const halves = ["backups/.partial-x", "backups/20200101T000000Z.tar.zst", "wal-archive/.partial-x.zst"];
    for (const half of halves) writeFileSync(server.path(half), "half");
    for (const part of ["wal", "backups"] as const) {
      const { status, output } = await copy(part);
      expect([status, output]).toEqual([0, expect.stringContaining(`"event":"copied","part":"${part}"`)]);
    }
    for (const half of halves) rmSync(server.path(half));
    expect(objects("backups")).toEqual([`${name}.json`, `${name}.tar.zst`]);
    expect(objects("wal")).toEqual(local("wal-archive", /^[0-9A-F]/));
    for (const file of objects("backups")) {
      const path = join(bucket.objects, "loomworks/backups", file);
      expect(readFileSync(path).equals(readFileSync(server.path("backups", file)))).toBe(true);
    }
  });

  it("tells Prometheus how old each part is", () => {
    const value = (part: string, metric: string) =>
      Number(new RegExp(`^${metric}(?:{part="${part}"})? (.*)$`, "m").exec(metrics(part))?.[1]);
    expect(value("backups", "loomworks_offsite_backups")).toBe(1);
    const now = Date.now() / 1000;
    expect(Math.abs(value("wal", "loomworks_offsite_wal_timestamp_seconds") - now)).toBeLessThan(300);
    for (const part of ["wal", "backups"]) {
      const begun = value(part, "loomworks_offsite_last_success_timestamp_seconds");
      expect(Math.abs(begun - now)).toBeLessThan(300);
    }
  });

  it("keeps what is deleted here, and overwrites nothing there", async () => {
    const [segment = ""] = local("wal-archive", /^[0-9A-F]{24}\.zst$/);
    const path = server.path("wal-archive", segment);
    const content = readFileSync(path);
    rmSync(path);
    expect(await copy("wal")).toMatchObject({ status: 0 });
    expect(objects("wal")).toContain(segment);

    writeFileSync(path, "something else of that name");
    const { status, output } = await copy("wal", { RCLONE_RETRIES: "1" });
    expect(output).toContain("immutable file modified");
    expect(status).not.toBe(0);
    expect(readFileSync(join(bucket.objects, "loomworks/wal", segment)).equals(content)).toBe(true);
    writeFileSync(path, content);
    expect(await copy("wal")).toMatchObject({ status: 0 });
  });

  it("[LOOM-15] is enough for a restore when both volumes are lost", async () => {
    const back = { BACKUPS: server.createFolder("fetched-backups"), WAL_ARCHIVE: server.createFolder("fetched-wal") };
    const { status, output } = await fetchBack([], back);
    expect(output).toContain(`"event":"fetched","backup":"${name}"`);
    expect(status).toBe(0);
    server.runToEnd("mv", [server.path("backups"), server.path("lost-backups")]);
    server.runToEnd("mv", [server.path("wal-archive"), server.path("lost-wal")]);
    const restored = await restore(server, { backup: name, backups: back.BACKUPS, archive: back.WAL_ARCHIVE });
    expect(holdings(restored)).toEqual({ rows: 1000, last: 1000 });
    restored.stop();
  });

  it("[LOOM-15] says so where it is damaged, or where there is none", async () => {
    const back = { BACKUPS: server.createFolder("again-backups"), WAL_ARCHIVE: server.createFolder("again-wal") };
    const packed = join(bucket.objects, "loomworks/backups", `${name}.tar.zst`);
    const content = readFileSync(packed);
    content[content.length >> 1]! ^= 1;
    writeFileSync(packed, content);
    const damaged = await fetchBack([name], back);
    expect(damaged).toEqual({
      status: 1,
      output: expect.stringMatching(/does not match its checksum|corrupted on transfer/),
    });
    const none = await fetchBack([], { ...back, PREFIX: "elsewhere" });
    expect([none.status, none.output]).toEqual([1, expect.stringContaining("there is no backup in the bucket")]);
  });
});

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { eventually } from "../../../cluster/eventually";
import { publishedMetrics } from "../../../support/published-metrics";
import { PostgresServer, missingPostgres, postgresBinaries } from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";

const binaries = postgresBinaries();
const missing = missingPostgres();

jest.setTimeout(120_000);

describeWith(missing, "[LOOM-15] the drill, on a real server", () => {
  let server: PostgresServer;
  const drill = (more: Record<string, string> = {}) =>
    server.script("drill.sh", [], { MAX_RESTORE_MINUTES: "5", MAX_LOSS_SECONDS: "60", ...more });
  const newest = () =>
    readdirSync(server.path("backups"))
      .filter((name) => /^\d.*\.json$/.test(name))
      .sort()
      .at(-1)!
      .replace(".json", "");
  const metric = (name: string) => publishedMetrics(server)[`loomworks_drill_${name}`];
  /** What keep-roles.sh writes each 15 s, in the archive, as if it were so many seconds old. */
  const archiveCanary = async (ageSeconds: number) => {
    server.query(`UPDATE loomworks.canary SET seen = now() - interval '${ageSeconds} s'`);
    const segment = server.query("SELECT pg_walfile_name(pg_switch_wal())").stdout;
    await eventually(() => readdirSync(server.path("wal-archive")).includes(`${segment}.zst`), { what: "the segment" });
  };

  beforeAll(async () => {
    server = await PostgresServer.start(binaries!);
    const environment = server.prepareBackups({ count: 2, days: 1 });
    server.query("CREATE SCHEMA loomworks; CREATE TABLE loomworks.canary (seen timestamptz NOT NULL)");
    server.query("INSERT INTO loomworks.canary VALUES (now())");
    server.query("CREATE TABLE invoices AS SELECT n, n::text AS number FROM generate_series(1, 5000) AS n");
    server.query("CREATE INDEX ON invoices (number)");
    const { status, stdout, stderr } = server.script("backup.sh", [], environment);
    if (status !== 0) throw new Error(stdout + stderr);
  });
  afterAll(() => server.stop());

  it("restores the newest backup with the WAL after it, and tells people and Prometheus what it took and what was lost", async () => {
    await archiveCanary(5);
    const { status, stdout, stderr } = drill();
    expect(stdout + stderr).toContain('"event":"drill-passed"');
    expect(status).toBe(0);
    const report = JSON.parse(stdout.trim().split("\n").at(-1)!);
    expect(report).toMatchObject({ event: "drill-passed", backup: newest() });
    expect(report.rpoSeconds).toBeGreaterThanOrEqual(5);
    expect([metric("success"), metric("rto_seconds"), metric("rpo_seconds")]).toEqual([
      1,
      report.rtoSeconds,
      report.rpoSeconds,
    ]);
    expect(metric("database_bytes")).toBeGreaterThan(20e6);
    expect(Math.abs(metric("timestamp_seconds")! - Date.now() / 1000)).toBeLessThan(60);
  });

  it("leaves backups and archive as they were, and archives nothing of its own", () => {
    const before = readdirSync(server.path("wal-archive")).sort();
    expect(drill({ MAX_LOSS_SECONDS: "600" }).status).toBe(0);
    expect(readdirSync(server.path("wal-archive")).sort()).toEqual(before);
  });

  it("fails where more was lost than may be", async () => {
    await archiveCanary(300);
    const { status, stdout } = drill();
    expect([status, stdout]).toEqual([1, expect.stringMatching(/the canary row is 3\d\d seconds old, and may be 60/)]);
    expect([metric("success"), metric("rpo_seconds")! >= 300]).toEqual([0, true]);
  });

  it("fails where the canary row is missing", async () => {
    server.query("DELETE FROM loomworks.canary");
    await archiveCanary(0);
    expect(drill()).toMatchObject({ status: 1, stdout: expect.stringContaining("the canary row is missing") });
    expect([metric("success"), metric("rpo_seconds")]).toEqual([0, undefined]);
    server.query("INSERT INTO loomworks.canary VALUES (now())");
    await archiveCanary(0);
  });

  it("finds an index that lacks a row of its table", async () => {
    const ready = (is: boolean) =>
      server.query(`UPDATE pg_index SET indisready = ${is}, indisvalid = ${is} WHERE indexrelid = 'late'::regclass`);
    server.query("CREATE TABLE late_rows (n int); CREATE INDEX late ON late_rows (n)");
    ready(false);
    server.query("INSERT INTO late_rows VALUES (1)");
    ready(true);
    await archiveCanary(0);
    expect(drill()).toMatchObject({ status: 1, stdout: expect.stringContaining("pg_amcheck found damage") });
    server.query("DROP TABLE late_rows");
    await archiveCanary(0);
  });

  it("fails with the newest backup damaged, though an older one would do", () => {
    const packed = server.path("backups", `${newest()}.tar.zst`);
    const content = readFileSync(packed);
    const damaged = Buffer.from(content);
    damaged[damaged.length >> 1]! ^= 1;
    writeFileSync(packed, damaged);
    expect(drill()).toMatchObject({ status: 1, stdout: expect.stringContaining("does not match its checksum") });
    writeFileSync(packed, content.subarray(1));
    expect(drill()).toMatchObject({ status: 1, stdout: expect.stringContaining("no good backup of that name") });
    expect(metric("success")).toBe(0);
    writeFileSync(packed, content);
  });

  it("says so where there is no backup", () => {
    const BACKUPS = server.createFolder("scratch-backups");
    expect(drill({ BACKUPS })).toMatchObject({ status: 1, stdout: expect.stringContaining("there is no backup") });
    rmSync(BACKUPS, { recursive: true });
  });
});

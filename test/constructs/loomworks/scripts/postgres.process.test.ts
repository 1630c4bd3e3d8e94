import { readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { PostgresServer, postgresBinaries, TEST_MAX_CONNECTIONS } from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";

const binaries = postgresBinaries();
const missing =
  binaries === undefined
    ? "PostgreSQL's server is not installed (Debian: apt-get install postgresql-15 zstd)"
    : undefined;

jest.setTimeout(120_000);

describeWith(missing, "PostgreSQL's scripts on a real server", () => {
  let server: PostgresServer;
  const odoo = { user: "odoo", password: "first" };
  const backup = { PGHOST: "127.0.0.1", PGUSER: "backup", PGPASSWORD: "copy", KEEP_COUNT: "2", KEEP_DAYS: "1" };
  const drill = () => server.script("drill.sh", [], { MAX_RESTORE_MINUTES: "5", MAX_CONNECTIONS: "400" });
  const goodBackups = () =>
    readdirSync(server.path("backups"))
      .filter((name) => /^\d.*\.json$/.test(name))
      .sort();

  beforeAll(async () => {
    server = await PostgresServer.start(binaries!);
    server.writeCredentials("postgres-credentials", odoo.user, odoo.password);
    server.writeCredentials("postgres-backup-credentials", "backup", "copy");
    server.writeCredentials("postgres-exporter-credentials", "exporter", "watch");
    server.background("keep-roles.sh", { KEEP_ROLES_INTERVAL: "0.2" });
    await eventually(() => server.query("SELECT 1", odoo).status === 0);
    await eventually(() => server.query("SELECT 1", { user: "exporter", password: "watch" }).status === 0);
  });
  afterAll(() => server.stop());

  describe("[LOOM-06] roles", () => {
    it("exist with what they need, and nobody but the superuser is one", () => {
      const { stdout } = server.query(
        "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1",
      );
      expect(stdout.split("\n")).toEqual(["backup|f|f|f|t", "exporter|f|f|f|f", "odoo|f|t|f|f", "postgres|t|t|t|t"]);
    });

    it("let Odoo make its databases", () => {
      expect(server.query("CREATE DATABASE acme", odoo).status).toBe(0);
      expect(server.query("CREATE TABLE invoices (number int)", { ...odoo, database: "acme" }).status).toBe(0);
    });

    it("don't let the exporter into Odoo's databases", () => {
      expect(server.query("SELECT 1", { user: "exporter", password: "watch", database: "acme" }).stderr).toContain(
        "no pg_hba.conf entry",
      );
    });

    it("don't let the superuser in over the network", () => {
      expect(server.query("SELECT 1", { user: "postgres", password: "superuser" }).stderr).toContain(
        "no pg_hba.conf entry",
      );
    });
  });

  it("[LOOM-07] a rotated password holds within seconds, without a restart, and stands in no log", async () => {
    const started = server.query("SELECT pg_postmaster_start_time()").stdout;
    server.writeCredentials("postgres-credentials", "odoo", 'it\'s "new" \\ $HOME');
    await eventually(() => server.query("SELECT 1", { user: "odoo", password: 'it\'s "new" \\ $HOME' }).status === 0);
    expect(server.query("SELECT 1", odoo).status).not.toBe(0);
    expect(server.query("SELECT pg_postmaster_start_time()").stdout).toBe(started);
    server.writeCredentials("postgres-credentials", odoo.user, odoo.password);
    await eventually(() => server.query("SELECT 1", odoo).status === 0);
  });

  describe("[LOOM-02] the probe", () => {
    it("calls a server alive and ready whose connections are all taken", async () => {
      const release = server.takeConnections(TEST_MAX_CONNECTIONS, odoo);
      await eventually(() => /connection slots|too many clients/.test(server.query("SELECT 1", odoo).stderr));
      expect([server.script("probe.sh", ["alive"]).status, server.script("probe.sh", ["ready"]).status]).toEqual([
        0, 0,
      ]);
      release();
      await eventually(() => server.query("SELECT 1", odoo).status === 0);
    });

    it("calls a server dead that hangs", () => {
      server.signal("SIGSTOP");
      expect(server.script("probe.sh", ["alive"]).status).not.toBe(0);
      server.signal("SIGCONT");
      expect(server.script("probe.sh", ["alive"]).status).toBe(0);
    });

    it("refuses to be asked for something else", () => {
      expect(server.script("probe.sh", ["well"])).toMatchObject({ status: 64 });
    });
  });

  describe("[LOOM-15] the drill", () => {
    beforeAll(() => expect(server.script("backup.sh", [], backup)).toMatchObject({ status: 0 }));

    it("restores the newest backup with the WAL after it, and tells what it took and what was lost", () => {
      server.query("CREATE TABLE after_backup AS SELECT 42 AS answer");
      server.query("SELECT pg_switch_wal()");
      const { status, stdout, stderr } = drill();
      expect(stdout + stderr).toContain('"event":"drill-passed"');
      expect(status).toBe(0);
      const report = JSON.parse(stdout.trim().split("\n").at(-1)!);
      expect(report).toMatchObject({ event: "drill-passed", backup: goodBackups().at(-1)!.replace(".json", "") });
      expect(report.rtoSeconds).toBeLessThan(60);
      expect(report.rpoSeconds).toBeLessThan(120);
    });

    it("finds a backup of which a byte is missing", () => {
      const newest = server.path("backups", goodBackups().at(-1)!.replace("json", "tar.zst"));
      const saved = readFileSync(newest);
      truncateSync(newest, saved.length - 1);
      expect(drill()).toMatchObject({ status: 1, stdout: expect.stringContaining("does not match its checksum") });
      writeFileSync(newest, saved);
      utimesSync(newest, new Date(), new Date());
    });

    it("says so where there is no backup", () => {
      expect(server.script("drill.sh", [], { BACKUPS: server.path("config"), MAX_RESTORE_MINUTES: "5" })).toMatchObject(
        { status: 1, stdout: expect.stringContaining("there is no backup") },
      );
    });
  });
});

async function eventually(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error("it did not come to hold within 20 s");
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

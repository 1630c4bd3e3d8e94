import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync } from "node:fs";
import { missingPostgres, postgresBinaries, PostgresServer } from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";

const binaries = postgresBinaries();
const missing = missingPostgres();

/** User of the exporter's container, as the manifest has it. */
const NOBODY = 65534;

jest.setTimeout(120_000);

describeWith(missing, "PostgreSQL's scripts on a real server", () => {
  let server: PostgresServer;
  const odoo = { user: "odoo_first", password: "first" };
  const backup = () => ({ ...server.connectionOf("backup", "copy"), KEEP_COUNT: "2", KEEP_DAYS: "1" });
  const drill = () => server.script("drill.sh", [], { MAX_RESTORE_MINUTES: "5", MAX_LOSS_SECONDS: "120" });
  const goodBackups = () =>
    readdirSync(server.path("backups"))
      .filter((name) => /^\d.*\.json$/.test(name))
      .sort();

  beforeAll(async () => {
    server = await PostgresServer.start(binaries!);
    server.writeCredentials("postgres-credentials", odoo.user, odoo.password);
    server.writeCredentials("postgres-backup-credentials", "backup", "copy");
    server.background("keep-roles.sh", { KEEP_ROLES_INTERVAL: "0.2" });
    await eventually(() => server.query("SELECT 1", odoo).status === 0);
    await eventually(() => server.query("SELECT 'exporter'::regrole").status === 0);
  });
  afterAll(() => server.stop());

  describe("[LOOM-06] roles", () => {
    it("exist with what they need, and nobody but the superuser is one", () => {
      const { stdout } = server.query(
        "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1",
      );
      expect(stdout.split("\n")).toEqual([
        "backup|f|f|f|t",
        "exporter|f|f|f|f",
        "odoo|f|t|f|f",
        "odoo_first|f|f|f|f",
        "postgres|t|t|t|t",
      ]);
    });

    it("let Odoo make its databases", () => {
      expect(server.query("CREATE DATABASE acme", odoo).status).toBe(0);
      expect(server.query("CREATE TABLE invoices (number int)", { ...odoo, database: "acme" }).status).toBe(0);
    });

    it("[LOOM-12] let the exporter in without a password, which could be rotated, and into no database of Odoo's", () => {
      // The socket's folder is the pod's: there, others reach it.
      chmodSync(server.folder, 0o711);
      const asExporter = (database: string) =>
        spawnSync(
          "psql",
          [
            "-XAtw",
            "-h",
            server.path("socket"),
            "-p",
            String(server.port),
            "-U",
            "exporter",
            "-d",
            database,
            "-c",
            "SELECT pg_has_role('pg_monitor', 'usage')",
          ],
          {
            encoding: "utf8",
            ...(process.getuid?.() === 0 && { uid: NOBODY, gid: NOBODY }),
          },
        );
      expect(asExporter("postgres")).toMatchObject({ status: 0, stdout: "t\n" });
      expect(asExporter("acme").stderr).toContain("no pg_hba.conf entry");
    });

    it("don't let anybody else pass for the exporter", () => {
      expect(server.runToEnd("psql", ["-Xw", "-U", "exporter", "-d", "postgres"]).stderr).toContain(
        "Peer authentication failed",
      );
      expect(server.query("SELECT 1", { user: "exporter", password: "" }).stderr).toContain("no pg_hba.conf entry");
    });

    it("[LOOM-12] don't let the superuser in over the network", () => {
      expect(server.query("SELECT 1", { user: "postgres", password: "superuser" }).stderr).toContain(
        "no pg_hba.conf entry",
      );
    });
  });

  it("[LOOM-07] a rotated password holds within seconds, without a restart, and stands in no log", async () => {
    const started = server.query("SELECT pg_postmaster_start_time()").stdout;
    server.writeCredentials("postgres-credentials", odoo.user, 'it\'s "new" \\ $HOME');
    await eventually(() => server.query("SELECT 1", { ...odoo, password: 'it\'s "new" \\ $HOME' }).status === 0);
    expect(server.query("SELECT 1", odoo).status).not.toBe(0);
    expect(server.query("SELECT pg_postmaster_start_time()").stdout).toBe(started);
    server.writeCredentials("postgres-credentials", odoo.user, odoo.password);
    await eventually(() => server.query("SELECT 1", odoo).status === 0);
  });

  describe("[LOOM-15] the drill", () => {
    beforeAll(() => expect(server.script("backup.sh", [], backup())).toMatchObject({ status: 0 }));

    it("finds the canary row that the roles container keeps fresh", () => {
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
  });
});

async function eventually(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error("it did not come to hold within 20 s");
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

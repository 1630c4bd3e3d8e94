import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alertRules } from "../../../../constructs/loomworks/alert-rules";
import { eventually } from "../../../cluster/eventually";
import { loomworksSettings, synthesizeLoomworks } from "../../../support/loomworks";
import { missingPostgres, postgresBinaries, PostgresServer, SCRIPTS } from "../../../support/postgres-server";
import { AlertTester, missingPromtool } from "../../../support/promtool";
import { describeWith } from "../../../support/requires";
import { restore } from "../../../support/restored-postgres";

const binaries = postgresBinaries();
const missing = missingPostgres() ?? missingPromtool();

jest.setTimeout(120_000);

describeWith(missing, "[LOOM-14] the backup, on a real server", () => {
  let server: PostgresServer;
  let first: string;
  let environment: Record<string, string>;
  const takeBackup = (more: Record<string, string> = {}) => server.script("backup.sh", [], { ...environment, ...more });
  const verify = (...args: string[]) => server.script("verify-backups.sh", args);
  const backups = (ending: string) =>
    readdirSync(server.path("backups"))
      .filter((name) => /^\d/.test(name) && name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
      .sort();
  const metric = (name: string) => metrics(server)[name];
  const segments = () =>
    readdirSync(server.path("wal-archive"))
      .filter((name) => /^[0-9A-F]{24}\.zst$/.test(name))
      .sort();
  /** Ends the current segment; returns once the archive has it. */
  const archiveNow = async () => {
    server.query("CREATE TABLE IF NOT EXISTS filler (x int); INSERT INTO filler VALUES (1)");
    const segment = server.query("SELECT pg_walfile_name(pg_switch_wal())").stdout;
    await eventually(() => existsSync(server.path("wal-archive", `${segment}.zst`)), { what: "the archived segment" });
    return `${segment}.zst`;
  };

  beforeAll(async () => {
    server = await PostgresServer.start(binaries!);
    environment = server.prepareBackups({ count: 3, days: 1 });
    const run = takeBackup();
    if (run.status !== 0) throw new Error(run.stdout + run.stderr);
    [first = ""] = backups(".json");
  });
  afterAll(() => server.stop());

  it("is verified, packed and described", () => {
    const metadata = JSON.parse(readFileSync(server.path("backups", `${first}.json`), "utf8"));
    expect(metadata).toEqual({
      id: first,
      systemIdentifier: identifierOf(server),
      startWal: expect.stringMatching(/^[0-9A-F]{24}$/),
      segmentBytes: 16 * 1024 * 1024,
      serverVersion: readFileSync(server.path("data/PG_VERSION"), "utf8").trim(),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: readFileSync(server.path("backups", `${first}.tar.zst`)).length,
      dataBytes: expect.any(Number),
      seconds: expect.any(Number),
    });
  });

  it("tells Prometheus what came of it, in its own notation", () => {
    expect(metrics(server)).toMatchObject({
      loomworks_backup_run_success: 1,
      loomworks_backup_good: 1,
      loomworks_backup_corrupt: 0,
      loomworks_wal_archive_damaged_segments: 0,
    });
    expect(Math.abs(metric("loomworks_backup_newest_timestamp_seconds")! - Date.now() / 1000)).toBeLessThan(120);
    const text = readdirSync(server.path("metrics")).map((name) => readFileSync(server.path("metrics", name), "utf8"));
    const { status, stdout, stderr } = server.runToEnd("bash", ["-c", 'promtool check metrics <<<"$0"', text.join("")]);
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
  });

  it("removes nothing, and leaves nothing half done, when it fails", () => {
    const before = readdirSync(server.path("backups"));
    const run = takeBackup({ PGPASSWORD: "wrong", AWAIT_SECONDS: "2" });
    expect(run).toMatchObject({ status: 1, stdout: expect.stringContaining('"event":"failed"') });
    expect(readdirSync(server.path("backups"))).toEqual(before);
    expect(metric("loomworks_backup_run_success")).toBe(0);
    expect(metric("loomworks_backup_good")).toBe(1);
  });

  it("is one at a time: a second run leaves the first one's files alone", async () => {
    const running = server.background("backup.sh", environment);
    await eventually(() => readdirSync(server.path("backups")).some((name) => name.startsWith(".partial-")), {
      what: "the first run",
      intervalMs: 10,
    });
    expect(takeBackup()).toMatchObject({ status: 1, stdout: expect.stringContaining('"event":"refused"') });
    const status = await new Promise((done) => running.once("exit", done));
    expect(status).toBe(0);
    expect(backups(".json")).toHaveLength(2);
  });

  it("clears the archive of WAL from before the oldest good backup, and of no other", () => {
    const { startWal } = JSON.parse(readFileSync(server.path("backups", `${first}.json`), "utf8"));
    const older = server.path("wal-archive/000000010000000000000000.zst");
    for (const file of [older, server.path("wal-archive/00000001.history.zst")]) writeFileSync(file, "");
    expect(takeBackup()).toMatchObject({ status: 0 });
    expect(existsSync(older)).toBe(false);
    expect(existsSync(server.path("wal-archive/00000001.history.zst"))).toBe(true);
    rmSync(server.path("wal-archive/00000001.history.zst"));
    expect(segments()[0]! >= `${startWal}.zst`).toBe(true);
  });

  describe("of another server", () => {
    let another: PostgresServer;
    let theirs: Record<string, string>;
    beforeAll(async () => {
      // A server made anew, with the archive of the one that was lost.
      another = await PostgresServer.start(binaries!, {
        beforeInitialize: (made) => {
          rmSync(made.path("wal-archive"), { recursive: true });
          symlinkSync(server.path("wal-archive"), made.path("wal-archive"));
        },
      });
      theirs = { ...another.prepareBackups({ count: 3, days: 1 }), BACKUPS: server.path("backups") };
    });
    afterAll(() => another.stop());

    it.each(["archive", "backups"])("is refused by the %s that it finds, before anything is copied", (by) => {
      const before = readdirSync(server.path("backups"));
      const run = another.script("backup.sh", [], {
        ...theirs,
        ...(by === "archive" ? { BACKUPS: another.path("backups") } : { WAL_ARCHIVE: another.path("scratch") }),
      });
      expect(run).toMatchObject({ status: 1, stdout: expect.stringContaining('"event":"refused"') });
      expect(run.stdout).toContain(`this is server ${identifierOf(another)}`);
      expect(readdirSync(server.path("backups"))).toEqual(before);
      expect(readdirSync(another.path("backups"))).toEqual([".lock"]);
    });

    it("is not archived either: PostgreSQL keeps WAL that is refused", async () => {
      const before = segments();
      another.query("CREATE TABLE work (n int)");
      const segment = another.query("SELECT pg_walfile_name(pg_switch_wal())").stdout;
      await eventually(() => Number(another.query("SELECT failed_count FROM pg_stat_archiver").stdout) > 0, {
        what: "the refusal",
      });
      expect(readFileSync(another.path("server.log"), "utf8")).toContain("refusing to mix them");
      expect(existsSync(another.path("data/pg_wal", segment))).toBe(true);
      expect(segments()).toEqual(before);
    });

    it("is no restored one: that goes on where the lost one ended", async () => {
      const restored = await restore(server, { backup: first });
      const { stdout: folder } = restored.query("SHOW data_directory");
      const outcome = server.runToEnd("bash", [
        "-c",
        'cd "$0" && "$1" pg_wal/00000002.history 00000002.history',
        folder,
        join(SCRIPTS, "archive-wal.sh"),
      ]);
      restored.stop();
      rmSync(server.path("wal-archive/00000002.history.zst"));
      expect(outcome).toMatchObject({ status: 0, stderr: "" });
    });
  });

  describe("that was good once", () => {
    let tester: AlertTester;
    let good: number;
    beforeAll(async () => {
      const { groups } = synthesizeLoomworks().find("PrometheusRule", "loomworks").spec;
      tester = new AlertTester(groups);
      for (let count = 0; count < 3; count++) await archiveNow();
      expect(verify("--all")).toMatchObject({ status: 0 });
      good = backups(".json").length;
    });
    afterAll(() => tester.remove());

    /** What promtool says of the alert, with the very figures that the script wrote. */
    const alert = (fires: boolean) => {
      const series = Object.fromEntries(
        Object.entries(metrics(server)).map(([name, value]) => [`${name}{namespace="loomworks"}`, `${value}x90`]),
      );
      return tester.objections("PostgresBackupDamaged", series, fires);
    };

    it("calls nobody while nothing is damaged", () => {
      expect(alert(false)).toBe("");
      expect(alert(true)).not.toBe("");
    });

    it("no longer counts when a bit of it flips, and somebody is called", () => {
      const packed = server.path("backups", `${first}.tar.zst`);
      const content = readFileSync(packed);
      writeFileSync(packed, flipped(content));
      expect(verify("--all")).toMatchObject({ status: 1, stdout: expect.stringContaining(`"backup":"${first}"`) });
      expect(backups(".json")).toHaveLength(good - 1);
      expect(metric("loomworks_backup_corrupt")).toBe(1);
      expect(alert(true)).toBe("");

      writeFileSync(packed, content);
      renameSync(server.path("backups", `${first}.corrupt`), server.path("backups", `${first}.json`));
    });

    it("no longer counts when its file is gone", () => {
      const packed = server.path("backups", `${first}.tar.zst`);
      const content = readFileSync(packed);
      rmSync(packed);
      expect(verify()).toMatchObject({ status: 1 });
      expect(backups(".corrupt")).toEqual([first]);
      expect(alert(true)).toBe("");

      writeFileSync(packed, content);
      renameSync(server.path("backups", `${first}.corrupt`), server.path("backups", `${first}.json`));
      expect(verify()).toMatchObject({ status: 0 });
    });

    it("is found to lack a WAL segment after it, and a restore refuses to end there", async () => {
      const gap = segments().at(-2)!;
      const content = readFileSync(server.path("wal-archive", gap));
      rmSync(server.path("wal-archive", gap));
      expect(verify()).toMatchObject({ status: 1, stdout: expect.stringContaining('"event":"wal-missing"') });
      expect(metric("loomworks_wal_archive_damaged_segments")).toBe(1);
      expect(alert(true)).toBe("");
      await expect(restore(server, { backup: first })).rejects.toThrow("later ones are there");
      writeFileSync(server.path("wal-archive", gap), content);
    });

    it("is found to have a damaged WAL segment after it", () => {
      const last = segments().at(-1)!;
      const content = readFileSync(server.path("wal-archive", last));
      writeFileSync(server.path("wal-archive", last), flipped(content));
      expect(verify()).toMatchObject({ status: 1, stdout: expect.stringContaining('"event":"wal-corrupt"') });
      expect(alert(true)).toBe("");
      writeFileSync(server.path("wal-archive", last), content);
      expect(verify()).toMatchObject({ status: 0 });
      expect(alert(false)).toBe("");
    });
  });

  it("is found damaged before it is packed where a file doesn't match the manifest, and doesn't come to count", () => {
    const before = backups(".json");
    // A pg_basebackup that loses something on its way.
    const programs = server.createFolder("scratch/programs");
    const lossy = [
      "#!/bin/bash",
      "set -e",
      "for argument; do [[ $argument != --pgdata=* ]] || data=${argument#*=}; done",
      'PATH=${PATH#*:} pg_basebackup "$@"',
      'printf x >>"$data/PG_VERSION"',
    ];
    writeFileSync(join(programs, "pg_basebackup"), lossy.join("\n"), { mode: 0o755 });
    const run = server.runToEnd("bash", ["-c", `PATH=${programs}:$PATH ${SCRIPTS}/backup.sh`], environment);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("PG_VERSION");
    expect(backups(".json")).toEqual(before);
  });

  it("names in its metrics what the alerts ask for", () => {
    const rules = JSON.stringify(alertRules(loomworksSettings()).backup);
    for (const name of ["loomworks_backup_corrupt", "loomworks_wal_archive_damaged_segments"]) {
      expect(rules).toContain(name);
      expect(Object.keys(metrics(server))).toContain(name);
    }
  });
});

function identifierOf(server: PostgresServer): string {
  return server.query("SELECT system_identifier FROM pg_control_system()").stdout;
}

function metrics(server: PostgresServer): Record<string, number> {
  const files = readdirSync(server.path("metrics")).filter((name) => name.endsWith(".prom"));
  const lines = files.flatMap((name) => readFileSync(server.path("metrics", name), "utf8").split("\n"));
  const samples = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(samples.map((line) => [line.split(" ")[0], Number(line.split(" ")[1])]));
}

function flipped(content: Buffer): Buffer {
  const copy = Buffer.from(content);
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../../cluster/eventually";
import { ARCHIVE_STEPS, writeKillers } from "../../../support/archive-killer";
import { EFFORT, rounds } from "../../../support/effort";
import { holdings, Ledger } from "../../../support/ledger";
import { missingPostgres, postgresBinaries, PostgresServer } from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";
import { restore } from "../../../support/restored-postgres";
import { random } from "../../../support/seeded-random";

const binaries = postgresBinaries();
const missing =
  missingPostgres() ??
  (process.getuid?.() !== 0 ? "the file systems that fill up are mounted by root alone" : undefined);

const ROUNDS = rounds(5, 50);
const POINTS = rounds(3, 10);
const { seed } = EFFORT;

/** Room for the data with a few segments, and for the archive of one test. */
const SIZES = { data: "1g", "wal-archive": "1g" } as const;

describeWith(missing, `[LOOM-01] [LOOM-14] [LOOM-15] what was committed and archived survives, seed ${seed}`, () => {
  const chance = random(seed);
  const below = (limit: number) => Math.floor(chance() * limit);
  const mounted: string[] = [];
  let server: PostgresServer;
  let ledger: Ledger;
  let backup: Record<string, string>;

  beforeAll(async () => {
    const programs = join("/tmp", `loomworks-killers-${process.pid}`);
    mkdirSync(programs);
    mounted.push(programs);
    server = await PostgresServer.start(binaries!, {
      programs: [programs],
      beforeInitialize: (made) => {
        for (const [name, size] of Object.entries(SIZES)) mount(made, name, size);
      },
    });
    writeKillers(programs, server.path("scratch"));
    backup = server.prepareBackups({ count: 2, days: 1 });
    ledger = new Ledger(server);
    takeBackup();
  }, 120_000);

  afterAll(async () => {
    await ledger.stop();
    await server.kill();
    for (const name of Object.keys(SIZES)) spawnSync("umount", ["--lazy", server.path(name)]);
    await server.stop();
    for (const folder of mounted) rmSync(folder, { recursive: true });
  });

  const mount = (made: PostgresServer, name: string, size: string) => {
    const folder = made.createFolder(name);
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    made.createFolder(name);
  };
  const takeBackup = () => {
    const { status, stdout, stderr } = server.script("backup.sh", [], backup);
    if (status !== 0) throw new Error(`the backup failed: ${stdout}${stderr}`);
  };
  const newestBackup = () =>
    readdirSync(server.path("backups"))
      .filter((name) => /^\d.*\.json$/.test(name))
      .sort()
      .at(-1)!
      .replace(".json", "");
  /** Ends the segment; returns once the archive has all that was acknowledged before: how much that is. */
  const archiveAll = async () => {
    const acknowledged = ledger.acknowledged();
    const segment = server.query("SELECT pg_walfile_name(pg_switch_wal())").stdout;
    await eventually(() => existsSync(server.path("wal-archive", `${segment}.zst`)), {
      what: `${segment} in the archive`,
      timeoutMs: 60_000,
    });
    return acknowledged;
  };
  /** Takes all the room that a file system has left, until it is called. */
  const fill = (name: string) => {
    const file = server.path(name, "filler");
    spawnSync("dd", ["if=/dev/zero", `of=${file}`, "bs=1M"], { stdio: "ignore" });
    return () => rmSync(file);
  };

  /** Each harms a server that is being written to; whatever it filled, it empties again. */
  const harms: Readonly<Record<string, () => Promise<void>>> = {
    "the server is killed": async () => {
      await sleep(below(600));
      await server.kill();
    },
    "the archive command is killed between two of its steps": async () => {
      // Whole at once, and for the server's user to count down: the command may run at this moment.
      writeFileSync(server.path("scratch/steps"), String(below(ARCHIVE_STEPS.length)));
      chmodSync(server.path("scratch/steps"), 0o666);
      renameSync(server.path("scratch/steps"), server.path("scratch/steps-left"));
      server.query("SELECT pg_switch_wal()");
      await eventually(() => !existsSync(server.path("scratch/steps-left")), { what: "the kill", timeoutMs: 60_000 });
      if (chance() < 0.5) await server.kill();
    },
    "the disk of the data fills up": async () => {
      const empty = fill("data");
      await eventually(() => !ledger.isWriting(), { what: "the end of the writer", timeoutMs: 60_000 });
      empty();
    },
    "the disk of the archive fills up": async () => {
      const empty = fill("wal-archive");
      server.query("SELECT pg_switch_wal()");
      await eventually(() => Number(server.query("SELECT failed_count FROM pg_stat_archiver").stdout) > 0, {
        what: "a failure of the archive command",
        timeoutMs: 60_000,
      });
      if (chance() < 0.5) await server.kill();
      empty();
    },
    "the backup is cut off": async () => {
      const before = newestBackup();
      const run = server.background("backup.sh", backup);
      await sleep(below(3000));
      if (run.pid !== undefined && run.exitCode === null) process.kill(-run.pid, "SIGKILL");
      if (chance() < 0.5) await server.kill();
      // It ended in time, or it doesn't count.
      const { status } = server.script("verify-backups.sh", ["--all"]);
      expect(status).toBe(0);
      expect(newestBackup() >= before).toBe(true);
    },
  };

  const names = Object.keys(harms);
  // Each once, then any.
  const plan = Array.from({ length: ROUNDS }, (_, round) => names[round < names.length ? round : below(names.length)]!);

  it.each(plan.map((harm, round) => [round + 1, harm] as const))(
    "round %i: %s",
    async (_round, harm) => {
      const before = holdings(server).last;
      ledger.start();
      await sleep(300 + below(700));
      await eventually(() => ledger.acknowledged() > before, { what: "an acknowledged row" });
      const archived = await archiveAll();
      await harms[harm]!();
      await ledger.stop();
      const acknowledged = ledger.acknowledged();

      // The node and its disk are lost: a backup and the archive are all that there is.
      const restored = await restore(server, { backup: newestBackup() });
      const found = holdings(restored);
      restored.stop();
      expect(found.rows).toBe(found.last);
      expect(found.last).toBeGreaterThanOrEqual(archived);

      // Only the processes are lost: everything that was acknowledged is there.
      if (!(await answers(server))) {
        await server.kill();
        await server.boot();
      }
      const live = holdings(server);
      expect(live.rows).toBe(live.last);
      expect(live.last).toBeGreaterThanOrEqual(acknowledged);
      await archiveAll();
      if (chance() < 0.3) takeBackup();
    },
    180_000,
  );

  it("after all of that, a restore has every row that the server has", async () => {
    await archiveAll();
    // Without an order: a sort of them all would take more room than the disk has after fifty rounds.
    const digest = "SELECT count(*), sum(hashtextextended(n || filler, 0)::numeric) FROM ledger";
    const restored = await restore(server, { backup: newestBackup() });
    const found = restored.query(digest);
    restored.stop();
    expect(found).toMatchObject({ status: 0, stdout: expect.stringMatching(/^[1-9]/) });
    expect(server.query(digest)).toMatchObject({ status: 0, stdout: found.stdout });
    expect(server.script("verify-backups.sh", ["--all"])).toMatchObject({ status: 0, stdout: "" });
  }, 120_000);

  describe("to a point in time", () => {
    const CANDIDATES = 100;
    let times: string[];
    let first: number;
    beforeAll(async () => {
      takeBackup();
      first = holdings(server).last + 1;
      // The times lie between the rows: each after the commit of one, and before the next begins.
      const sql = Array.from(
        { length: CANDIDATES },
        (_, index) =>
          `INSERT INTO ledger VALUES (${first + index}, ''); SELECT replace((clock_timestamp() AT TIME ZONE 'UTC')::text, ' ', 'T') || 'Z';`,
      );
      writeFileSync(server.path("scratch/rows.sql"), sql.join("\n"));
      const { stdout } = server.runToEnd("psql", ["-Xqt", "-d", "postgres", "-f", server.path("scratch/rows.sql")]);
      times = stdout.split("\n").flatMap((line) => line.trim() || []);
      await archiveAll();
    }, 120_000);

    it.each(Array.from({ length: POINTS }, () => [below(CANDIDATES - 1)]))(
      "the %ith row is there, and the one after it is not",
      async (index) => {
        const restored = await restore(server, { backup: newestBackup(), time: times[index]! });
        const found = holdings(restored);
        restored.stop();
        expect(found).toEqual({ rows: first + index, last: first + index });
      },
      120_000,
    );
  });
});

async function answers(server: PostgresServer): Promise<boolean> {
  if (!server.isRunning()) return false;
  // A server that fell over its full disk comes up again by itself; give it the time.
  return eventually(() => server.query("SELECT 1").status === 0, { what: "an answer", timeoutMs: 10_000 }).catch(
    () => false,
  );
}

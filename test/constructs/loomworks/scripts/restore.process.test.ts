import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../../cluster/eventually";
import { EFFORT, rounds } from "../../../support/effort";
import {
  killSilently,
  PostgresServer,
  missingPostgres,
  postgresBinaries,
  SCRIPTS,
} from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";
import { startRestored } from "../../../support/restored-postgres";
import { random } from "../../../support/seeded-random";

const binaries = postgresBinaries();
const missing = missingPostgres();

const POINTS = rounds(2, 10);
const KILLS = rounds(2, 10);
const { seed } = EFFORT;

jest.setTimeout(180_000);

describeWith(missing, `[LOOM-15] restore.sh, on real servers, seed ${seed}`, () => {
  const chance = random(seed);
  const below = (limit: number) => Math.floor(chance() * limit);
  let server: PostgresServer;
  let environment: Record<string, string>;
  /** Moments between the rows: after the commit of row N, and before row N + 1. */
  const moments: Record<number, string> = {};
  let backups: string[];
  let folders = 0;

  const newFolder = () => server.path("scratch", `restored-${++folders}`);
  const restore = (data: string, ...args: string[]) => server.script("restore.sh", args, { DATA: data });
  const start = (data: string) => server.run(join(SCRIPTS, "restore.sh"), ["--latest"], { DATA: data });
  const refusal = (...args: string[]) => {
    const data = newFolder();
    const { status, stdout } = restore(data, ...args);
    expect([status, existsSync(data)]).toEqual([64, false]);
    return JSON.parse(stdout.trim().split("\n").at(-1)!).reason as string;
  };
  const told = (stdout: string) => JSON.parse(stdout.trim().split("\n").at(-1)!);
  const names = () =>
    readdirSync(server.path("backups"))
      .filter((name) => /^\d.*\.json$/.test(name))
      .map((name) => name.replace(".json", ""))
      .sort();
  const takeBackup = async () => {
    // Their names have seconds.
    await sleep(1100);
    const { status, stdout, stderr } = server.script("backup.sh", [], environment);
    if (status !== 0) throw new Error(stdout + stderr);
    return names().at(-1)!;
  };
  const insert = (from: number, to: number) => {
    const rows = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const sql = rows.map(
      (n) =>
        `INSERT INTO ledger VALUES (${n}); SELECT replace((clock_timestamp() AT TIME ZONE 'UTC')::text, ' ', 'T') || 'Z';`,
    );
    writeFileSync(server.path("scratch/rows.sql"), sql.join("\n"));
    const { stdout, stderr } = server.runToEnd("psql", [
      "-Xqt",
      "-d",
      "postgres",
      "-f",
      server.path("scratch/rows.sql"),
    ]);
    if (stderr !== "") throw new Error(stderr);
    stdout
      .split("\n")
      .filter((line) => line.trim() !== "")
      .forEach((line, index) => (moments[from + index] = line.trim()));
  };
  const archiveAll = async () => {
    const segment = server.query("SELECT pg_walfile_name(pg_switch_wal())").stdout;
    await eventually(() => existsSync(server.path("wal-archive", `${segment}.zst`)), { what: "the archived segment" });
  };
  /** What a folder holds, asked of a server that has nothing but it. */
  const rows = async (data: string) => {
    const restored = await startRestored(server, data);
    const { stdout } = restored.query("SELECT coalesce(string_agg(n::text, ',' ORDER BY n), '') FROM ledger");
    restored.stop();
    return stdout;
  };
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n).join(",");

  beforeAll(async () => {
    server = await PostgresServer.start(binaries!);
    environment = server.prepareBackups({ count: 10, days: 1 });
    server.query("CREATE TABLE ledger (n int PRIMARY KEY)");
    insert(1, 10);
    await takeBackup();
    insert(11, 30);
    await sleep(1100);
    await takeBackup();
    insert(31, 40);
    await archiveAll();
    backups = names();
  });
  afterAll(() => server.stop());

  it("restores to the end of the archive, from the newest backup, and tells what it reached", async () => {
    const data = newFolder();
    const { status, stdout, stderr } = restore(data, "--latest");
    expect([status, stderr]).toEqual([0, ""]);
    expect(told(stdout)).toEqual({
      event: "restored",
      backup: backups[1],
      timeline: 2,
      reachedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      reachedLsn: expect.stringMatching(/^0\/[0-9A-F]+$/),
      recoveredAt: expect.stringMatching(/Z$/),
      seconds: expect.any(Number),
      aside: "",
    });
    expect(Date.parse(told(stdout).reachedTime)).toBeLessThanOrEqual(Date.parse(moments[40]!));
    expect(await rows(data)).toBe(numbers(1, 40));
    expect(existsSync(`${data}.restoring`)).toBe(false);
  });

  it.each(Array.from({ length: POINTS }, () => [11 + below(29)]))(
    "restores to a moment: row %i is there, and the one after it is not",
    async (n) => {
      const data = newFolder();
      const { status, stdout } = restore(data, "--time", moments[n]!);
      expect(status).toBe(0);
      expect(told(stdout).backup).toBe(n > 30 ? backups[1] : backups[0]);
      expect(await rows(data)).toBe(numbers(1, n));
    },
  );

  it("restores a named backup to the moment at which it ended, and further where that is asked for", async () => {
    const data = newFolder();
    expect(restore(data, "--backup", backups[0]!)).toMatchObject({ status: 0 });
    expect(await rows(data)).toBe(numbers(1, 10));
    const further = newFolder();
    const { stdout } = restore(further, "--backup", backups[0]!, "--latest");
    expect(told(stdout).backup).toBe(backups[0]);
    expect(await rows(further)).toBe(numbers(1, 40));
  });

  it("takes an older backup where the newest is damaged, and gets to the same end", async () => {
    const packed = server.path("backups", `${backups[1]}.tar.zst`);
    const content = readFileSync(packed);
    const damaged = Buffer.from(content);
    damaged[damaged.length >> 1]! ^= 1;
    writeFileSync(packed, damaged);
    const data = newFolder();
    const { status, stdout } = restore(data, "--latest");
    expect(stdout).toContain(`{"event":"damaged","backup":"${backups[1]}"}`);
    expect([status, told(stdout).backup, await rows(data)]).toEqual([0, backups[0], numbers(1, 40)]);
    expect(refusal("--backup", backups[1]!)).toContain("does not match its checksum");
    writeFileSync(packed, content);
  });

  describe("refuses, and leaves nothing", () => {
    it.each([
      ["no target", [], "neither a moment nor a backup"],
      ["two moments", ["--latest", "--time", "2026-01-01T00:00:00Z"], "two moments"],
      ["a time without a zone", ["--time", "2026-01-01T00:00:00"], "has no zone"],
      ["a time that isn't one", ["--time", "2026-13-01T00:00:00Z"], "the time is none"],
      ["a time to come", ["--time", "2999-01-01T00:00:00Z"], "lies in the future"],
      ["a time from before all backups", ["--time", "2020-01-01T00:00:00Z"], "the oldest ended at"],
      ["a backup that isn't there", ["--backup", "20200101T000000Z"], "no good backup of that name"],
      ["a timeline that nobody knows", ["--latest", "--timeline", "7"], "knows no timeline 7"],
      ["an option that there is not", ["--lates"], "--lates is no option"],
    ])("%s", (_, args, reason) => {
      expect(refusal(...args)).toContain(reason);
    });

    it("a time after the end of the archive, and names the last commit that it has", () => {
      const after = new Date(Date.parse(moments[40]!) + 1).toISOString();
      expect(refusal("--time", after)).toMatch(/the archive ends before the time: with the commit of \d{4}-/);
    });

    it("a backup whose file was cut short", () => {
      const packed = server.path("backups", `${backups[0]}.tar.zst`);
      const content = readFileSync(packed);
      truncateSync(packed, content.length - 1);
      expect(refusal("--backup", backups[0]!)).toContain("no good backup of that name");
      writeFileSync(packed, content);
    });

    it("a folder that isn't empty, of which it touches nothing", () => {
      const data = newFolder();
      mkdirSync(data);
      writeFileSync(`${data}/mine`, "mine");
      expect(restore(data, "--latest")).toMatchObject({ status: 64, stdout: expect.stringContaining("not empty") });
      expect(readdirSync(data)).toEqual(["mine"]);
    });

    it("a gap in the archive, rather than end before it", () => {
      const [, gap] = readdirSync(server.path("wal-archive"))
        .filter((name) => /^[0-9A-F]{24}\.zst$/.test(name))
        .sort()
        .reverse();
      const content = readFileSync(server.path("wal-archive", gap!));
      rmSync(server.path("wal-archive", gap!));
      const data = newFolder();
      const { status, stderr } = restore(data, "--backup", backups[0]!, "--latest");
      expect([status, existsSync(data)]).toEqual([1, false]);
      expect(stderr).toContain("later ones are there");
      writeFileSync(server.path("wal-archive", gap!), content);
    });
  });

  it.each(Array.from({ length: KILLS }, (_, n) => [n + 1]))(
    "killed at any moment, it leaves no folder that a server would start from; asked again, it goes through (%i)",
    async () => {
      const data = newFolder();
      const run = start(data);
      await sleep(below(2500));
      killSilently(-run.pid!);
      // It had come to its end, or the folder isn't there.
      if (!existsSync(data)) {
        await eventually(() => restore(data, "--latest").status === 0, { what: "a restore", timeoutMs: 60_000 });
      }
      expect(await rows(data)).toBe(numbers(1, 40));
    },
  );

  it("goes on by one at a time in a folder", async () => {
    const data = newFolder();
    const run = start(data);
    await eventually(() => existsSync(`${data}.restoring`), { what: "the first", intervalMs: 10 });
    expect(restore(data, "--latest")).toMatchObject({ status: 64, stdout: expect.stringContaining("another restore") });
    expect(await new Promise((done) => run.once("exit", done))).toBe(0);
  });

  describe("in the place of the server", () => {
    const replace = (...args: string[]) => {
      const run = server.script("restore.sh", ["--replace", ...args], { DATA: server.path("data") });
      if (run.status !== 0) throw new Error(run.stdout + run.stderr);
      return told(run.stdout);
    };
    const archived = (name: string) => existsSync(server.path("wal-archive", `${name}.zst`));

    it("has what the old server never archived, puts its folder aside, and archives on a timeline of its own", async () => {
      insert(41, 45);
      await server.kill();
      const report = replace("--latest");
      expect(report).toMatchObject({ backup: backups[1], timeline: 2, aside: expect.stringMatching(/^data\.before-/) });
      expect(existsSync(server.path(report.aside, "PG_VERSION"))).toBe(true);
      expect(archived("00000002.history")).toBe(false);
      await server.boot();
      expect(server.query("SELECT string_agg(n::text, ',' ORDER BY n) FROM ledger").stdout).toBe(numbers(1, 45));
      await eventually(() => archived("00000002.history"), { what: "the history in the archive" });
      insert(46, 50);
      await archiveAll();
      expect(server.query("SELECT failed_count FROM pg_stat_archiver").stdout).toBe("0");
      expect(server.script("verify-backups.sh", ["--all"])).toMatchObject({ status: 0 });
    });

    it("refuses to take the place of a server that somebody started meanwhile", async () => {
      await server.kill();
      const held = server.run(join(SCRIPTS, "restore.sh"), ["--latest", "--replace"], { DATA: server.path("data") });
      await eventually(() => existsSync(server.path("data.restoring")), { what: "the restore", intervalMs: 10 });
      await sleep(50);
      await server.boot();
      expect(await new Promise((done) => held.once("exit", done))).toBe(1);
      expect(server.query("SELECT count(*) FROM ledger").stdout).toBe("50");
      await archiveAll();
    });

    it("goes back to a moment, then along either timeline: what was given up, and what came after", async () => {
      const given = await takeBackup();
      insert(51, 55);
      await archiveAll();
      await server.kill();
      expect(replace("--time", moments[48]!).timeline).toBe(3);
      await server.boot();
      insert(100, 103);
      await archiveAll();
      await eventually(() => archived("00000003.history"), { what: "the history in the archive" });

      // The newest backup is one of the days that were given up: it leads elsewhere.
      const newest = newFolder();
      expect(told(restore(newest, "--latest").stdout)).toMatchObject({ backup: backups[1], timeline: 4 });
      expect(await rows(newest)).toBe(`${numbers(1, 48)},${numbers(100, 103)}`);
      expect(refusal("--latest", "--backup", given)).toBe(`timeline 3 doesn't come by ${given}`);

      const formerly = newFolder();
      expect(told(restore(formerly, "--latest", "--timeline", "2").stdout).backup).toBe(given);
      expect(await rows(formerly)).toBe(numbers(1, 55));

      const asItWas = newFolder();
      expect(restore(asItWas, "--backup", given)).toMatchObject({ status: 0 });
      expect(await rows(asItWas)).toBe(numbers(1, 50));
    });
  });
});

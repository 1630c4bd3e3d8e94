import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { EFFORT, rounds } from "../../../support/effort";
import { missingPostgres, postgresBinaries, SCRIPTS } from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";

const binaries = postgresBinaries();
const missing = missingPostgres();

const DAY_SECONDS = 86_400;
const NEW_YEAR = Date.UTC(2027, 0, 1, 2) / 1000;

/** A `date` whose now is a test's; whatever else it is asked, Debian's answers. */
const DATE = `#!/bin/bash
if [[ $# -eq 1 && $1 == +%s ]]; then cat "$NOW"; else exec /bin/date "$@"; fi
`;

/** Whether a backup of that day stays, as the settings say it: the newest `count` good ones, and those younger than `days`. */
function stays(day: number, { good, today, count, days }: Rule): boolean {
  const newer = good.filter((other) => other > day).length;
  return newer < count || today - day <= days;
}

interface Rule {
  readonly good: readonly number[];
  readonly today: number;
  readonly count: number;
  readonly days: number;
}

describeWith(missing, "[LOOM-14] retention", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "loomworks-retention-"));
    for (const name of ["backups", "wal", "metrics", "programs"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "programs/date"), DATE, { mode: 0o755 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const nameOf = (day: number) =>
    new Date((NEW_YEAR + day * DAY_SECONDS) * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
  const segmentOf = (day: number) => `00000001${"0".repeat(8)}${(day + 1).toString(16).padStart(8, "0").toUpperCase()}`;
  /** A backup of that day as far as retention looks at one, and the WAL of the day. */
  const make = (day: number) => {
    writeFileSync(join(folder, "backups", `${nameOf(day)}.tar.zst`), "packed");
    const metadata = { id: nameOf(day), startWal: segmentOf(day), segmentBytes: 16_777_216, bytes: 6, seconds: 1 };
    writeFileSync(join(folder, "backups", `${nameOf(day)}.json`), JSON.stringify({ ...metadata, dataBytes: 9 }));
    writeFileSync(join(folder, "wal", `${segmentOf(day)}.zst`), "");
  };
  const expire = (day: number, count: number, days: number) => {
    writeFileSync(join(folder, "now"), String(NEW_YEAR + day * DAY_SECONDS));
    return spawnSync(join(SCRIPTS, "expire-backups.sh"), [], {
      encoding: "utf8",
      env: {
        PATH: `${join(folder, "programs")}:${binaries}:${process.env.PATH}`,
        NOW: join(folder, "now"),
        BACKUPS: join(folder, "backups"),
        WAL_ARCHIVE: join(folder, "wal"),
        METRICS: join(folder, "metrics"),
        KEEP_COUNT: String(count),
        KEEP_DAYS: String(days),
      },
    });
  };
  const kept = (ending: string) =>
    readdirSync(join(folder, "backups"))
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
      .sort();
  const wal = () => readdirSync(join(folder, "wal")).sort();

  it("over a year of nights leaves exactly what the rule says, each night, and the WAL of all that is left", () => {
    const good: number[] = [];
    // Backups fail for three weeks in summer, and now and then.
    const fails = (day: number) => (day > 200 && day < 221) || day % 17 === 3;
    for (let today = 0; today < 365; today++) {
      if (fails(today)) continue;
      make(today);
      good.push(today);
      expect(expire(today, 7, 14)).toMatchObject({ status: 0, stderr: "" });
      const expected = good.filter((day) => stays(day, { good, today, count: 7, days: 14 }));
      expect(kept(".json")).toEqual(expected.map(nameOf));
      expect(kept(".tar.zst")).toEqual(expected.map(nameOf));
      expect(wal()).toEqual(good.filter((day) => day >= expected[0]!).map((day) => `${segmentOf(day)}.zst`));
    }
  }, 240_000);

  it(`leaves what the rule says of any set of backups, for any count and age, seed ${EFFORT.seed}`, () => {
    const sets = fc.record({
      good: fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 12 }).map((all) => all.sort((a, b) => a - b)),
      count: fc.integer({ min: 1, max: 8 }),
      days: fc.integer({ min: 1, max: 30 }),
      idle: fc.nat(90),
    });
    fc.assert(
      fc.property(sets, ({ good, count, days, idle }) => {
        for (const name of ["backups", "wal"]) {
          rmSync(join(folder, name), { recursive: true });
          mkdirSync(join(folder, name));
        }
        good.forEach(make);
        const today = good.at(-1)! + idle;
        expect(expire(today, count, days).status).toBe(0);
        expect(kept(".json")).toEqual(good.filter((day) => stays(day, { good, today, count, days })).map(nameOf));
      }),
      { seed: EFFORT.seed, numRuns: rounds(25, 500) },
    );
  }, 240_000);

  it("doesn't count a backup as one of the newest whose file is gone or cut off", () => {
    [0, 1, 2, 3].forEach(make);
    rmSync(join(folder, "backups", `${nameOf(3)}.tar.zst`));
    writeFileSync(join(folder, "backups", `${nameOf(2)}.tar.zst`), "pack");
    expect(expire(300, 2, 1).status).toBe(0);
    expect(kept(".json")).toEqual([0, 1, 2, 3].map(nameOf));
  });

  it("removes nothing at all, neither backups nor WAL, where none is good", () => {
    make(0);
    rmSync(join(folder, "backups", `${nameOf(0)}.json`));
    expect(expire(300, 1, 1)).toMatchObject({ status: 1, stdout: expect.stringContaining("nothing goes") });
    expect(kept(".tar.zst")).toEqual([nameOf(0)]);
    expect(wal()).toHaveLength(1);
  });

  it("takes away what was cut off while it was stored, and keeps what is damaged for as long as it would have stayed", () => {
    [0, 40, 41].forEach(make);
    rmSync(join(folder, "backups", `${nameOf(40)}.json`));
    for (const day of [0, 41]) {
      writeFileSync(
        join(folder, "backups", `${nameOf(day)}.corrupt`),
        readFileSync(join(folder, "backups", `${nameOf(day)}.json`)),
      );
      rmSync(join(folder, "backups", `${nameOf(day)}.json`));
    }
    make(42);
    expect(expire(42, 1, 10).status).toBe(0);
    expect(kept(".tar.zst")).toEqual([nameOf(41), nameOf(42)]);
    expect(kept(".corrupt")).toEqual([nameOf(41)]);
  });

  it("leaves the histories of timelines, without which no later timeline can be restored", () => {
    [0, 1].forEach(make);
    writeFileSync(join(folder, "wal/00000002.history.zst"), "");
    utimesSync(join(folder, "wal/00000002.history.zst"), 0, 0);
    expect(expire(300, 1, 1).status).toBe(0);
    expect(wal()).toEqual([`${segmentOf(1)}.zst`, "00000002.history.zst"]);
  });
});

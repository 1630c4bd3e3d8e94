import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ARCHIVE_STEPS, FIRST_STEPS, writeKillers } from "../../../support/archive-killer";
import { missingPostgres, SCRIPTS } from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";

const missing = missingPostgres();

const NAME = "00000001000000000000000A";
const SERVER = 7710809043134046425n;
const ANOTHER = SERVER + 1n;

describeWith(missing, "[LOOM-14] the archive command", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "loomworks-archive-"));
    mkdirSync(join(folder, "archive"));
    mkdirSync(join(folder, "global"));
    be(SERVER);
    writeSegment("content of a segment");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Has the archive command run in the data folder of that server. */
  const be = (server: bigint) => writeFileSync(join(folder, "global/pg_control"), number(server));
  const segment = () => join(folder, "segment");
  const writeSegment = (content: string) => writeFileSync(segment(), content);
  const archived = () => readdirSync(join(folder, "archive")).filter((name) => name !== ".system-identifier");
  const owner = () => readFileSync(join(folder, "archive/.system-identifier"), "utf8");
  const run = (script: string, args: readonly string[], path = process.env.PATH) =>
    spawnSync(join(SCRIPTS, script), args, {
      encoding: "utf8",
      cwd: folder,
      env: { PATH: path, WAL_ARCHIVE: join(folder, "archive") },
    });
  const archive = (name = NAME, path?: string) => run("archive-wal.sh", [segment(), name], path);
  const bringBack = (name = NAME) => {
    const { status, stderr } = run("restore-wal.sh", [name, join(folder, "back")]);
    return { status, stderr, content: status === 0 ? readFileSync(join(folder, "back"), "utf8") : undefined };
  };

  it("packs a segment, and says so again when asked again", () => {
    expect([archive().status, archive().status]).toEqual([0, 0]);
    expect(archived()).toEqual([`${NAME}.zst`]);
    expect(bringBack()).toMatchObject({ status: 0, content: "content of a segment" });
  });

  it("never overwrites a segment by other content", () => {
    archive();
    writeSegment("something else");
    expect(archive()).toMatchObject({ status: 1, stderr: expect.stringContaining("refusing to overwrite") });
    expect(bringBack().content).toBe("content of a segment");
  });

  it("leaves no half copy where the segment can't be read", () => {
    rmSync(segment());
    expect(archive().status).toBeGreaterThan(0);
    expect(archived()).toEqual([]);
  });

  it("answers below 126 even where a program of its own is missing: PostgreSQL would not count the failure", () => {
    mkdirSync(join(folder, "bin"));
    for (const name of ["bash", "rm", "od", "mktemp", "sync", "mv"])
      symlinkSync(`/bin/${name}`, join(folder, "bin", name));
    const { status, stderr } = archive(NAME, join(folder, "bin"));
    expect(stderr).toContain("zstd: command not found");
    expect(status).toBe(1);
  });

  describe.each([
    ["in an empty archive", FIRST_STEPS, false],
    ["in one that is its own", ARCHIVE_STEPS, true],
  ] as const)("%s", (_where, steps, used) => {
    it.each([...steps, "nothing"].map((step, index) => [index, step] as const))(
      "comes to the same end when it was killed after %i steps, before %s",
      (index) => {
        if (used) archive("000000010000000000000009");
        const before = archived();
        const standIns = join(folder, "stand-ins");
        mkdirSync(standIns);
        writeKillers(standIns, standIns);
        writeFileSync(join(standIns, "steps-left"), String(index));
        const path = `${standIns}:${process.env.PATH}`;
        const killed = archive(NAME, path);
        expect(killed.signal).toBe(index < steps.length ? "SIGKILL" : null);
        // Whatever it left, no reader takes it for a segment but the whole one.
        const seen = archived().filter((name) => !name.startsWith("."));
        if (seen.length > before.length) expect(bringBack().content).toBe("content of a segment");

        expect(archive().status).toBe(0);
        expect(bringBack().content).toBe("content of a segment");
        expect(archived()).toEqual([...before, `${NAME}.zst`]);
        expect(owner()).toBe(`${SERVER}\n`);
      },
    );
  });

  describe("[LOOM-15] keeps the archive to one server:", () => {
    const refusal = {
      status: 1,
      stderr: expect.stringContaining(`of server ${ANOTHER}, and this is the archive of ${SERVER}`),
    };

    it("another one's segment is refused, though its name is free", () => {
      archive();
      be(ANOTHER);
      expect(archive("00000001000000000000000B")).toMatchObject(refusal);
      expect(archived()).toEqual([`${NAME}.zst`]);
    });

    it("so is its history, which would lead a restore astray", () => {
      archive();
      be(ANOTHER);
      expect(archive("00000002.history")).toMatchObject(refusal);
    });

    it("where nobody has written down whose it is, its newest segment tells", () => {
      const content = Buffer.concat([Buffer.alloc(24), number(SERVER), Buffer.alloc(8192)]);
      writeFileSync(segment(), content);
      archive();
      rmSync(join(folder, "archive/.system-identifier"));
      be(ANOTHER);
      expect(archive("00000001000000000000000B")).toMatchObject(refusal);
      expect(owner()).toBe(`${SERVER}\n`);
      be(SERVER);
      expect(archive("00000001000000000000000B").status).toBe(0);
    });
  });

  describe("and its counterpart", () => {
    it("says that the archive ends where it ends", () => {
      archive();
      expect(bringBack("00000001000000000000000B").status).toBe(1);
      expect(bringBack("00000002.history").status).toBe(1);
    });

    it("ends the recovery at a gap, which would pass for the end of the archive otherwise", () => {
      archive("00000001000000000000000A");
      archive("00000001000000000000000C");
      expect(bringBack("00000001000000000000000B")).toMatchObject({
        status: 126,
        stderr: expect.stringContaining("is missing, and later ones are there"),
      });
    });

    it("doesn't take what came before a timeline's first segment for a gap", () => {
      archive("00000002000000000000000C");
      archive("00000001000000000000000A");
      expect(bringBack("00000002000000000000000B").status).toBe(1);
    });

    it("ends the recovery at a segment that is damaged", () => {
      archive();
      const file = join(folder, "archive", `${NAME}.zst`);
      const content = readFileSync(file);
      content[content.length - 6]! ^= 1;
      writeFileSync(file, content);
      expect(bringBack()).toMatchObject({ status: 126, stderr: expect.stringContaining("is damaged") });
    });
  });
});

/** As PostgreSQL writes it on the machines that it runs on here. */
function number(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

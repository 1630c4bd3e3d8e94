import { parseCommandLine } from "../../../constructs/restore/args";

const NOW = new Date("2026-11-22T02:00:00.123Z");
const parse = (...args: string[]) => parseCommandLine(args, NOW);
const beside = { kind: "beside" };

describe("[LOOM-15] npm run restore", () => {
  it.each([
    ["to the end of the archive", ["--latest"], { options: ["--latest"], place: beside }],
    ["to a moment", ["--time", "2026-11-21T10:00:00Z"], { options: ["--time", "2026-11-21T10:00:00Z"], place: beside }],
    [
      "to a backup's end",
      ["--backup", "20261121T020000Z"],
      { options: ["--backup", "20261121T020000Z"], place: beside },
    ],
    [
      "from a backup to the end, along another timeline",
      ["--latest", "--backup", "20261121T020000Z", "--timeline", "2"],
      { options: ["--latest", "--backup", "20261121T020000Z", "--timeline", "2"] },
    ],
    ["into another namespace", ["--latest", "--into", "acme"], { place: { kind: "into", namespace: "acme" } }],
    [
      "in place",
      ["--latest", "--in-place", "--confirm", "loomworks"],
      { place: { kind: "in-place" }, confirm: "loomworks" },
    ],
  ])("restores %s", (_, args, request) => {
    expect(parse("--stack", "production", ...args)).toMatchObject({ stack: "production", ...request });
  });

  it("names what it makes after the time, or as it is told", () => {
    expect(parse("--stack", "staging", "--latest")).toMatchObject({ name: "postgres-restore-20261122t020000z" });
    expect(parse("--stack", "staging", "--latest", "--name", "friday")).toMatchObject({
      name: "postgres-restore-friday",
    });
  });

  it.each([
    ["nothing", []],
    ["no stack", ["--latest"]],
    ["no target", ["--stack", "staging"]],
    ["two moments", ["--stack", "staging", "--latest", "--time", "2026-11-21T10:00:00Z"]],
    ["two places", ["--stack", "staging", "--latest", "--into", "acme", "--in-place"]],
    ["an option that there is not", ["--stack", "staging", "--newest"]],
  ])("shows how it is used, given %s", (_, args) => {
    expect(() => parse(...args)).toThrow("Usage: npm run restore");
  });

  it("names every value that is wrong at once", () => {
    const args = [
      "--stack",
      "live",
      "--time",
      "2026-11-23T10:00:00Z",
      "--backup",
      "friday",
      "--name",
      "A",
      "--into",
      "x_y",
    ];
    expect(() => parse(...args)).toThrow(
      /--stack: got "live"[^]*--time: got[^]*moment of the past[^]*--backup[^]*--into[^]*--name/,
    );
  });

  it.each(["2026-11-21", "2026-11-21T10:00:00", "2026-13-21T10:00:00Z", "yesterday"])(
    "takes %s for no moment",
    (time) => {
      expect(() => parse("--stack", "staging", "--time", time)).toThrow("POSTGRES_RESTORE_ARGUMENT");
    },
  );
});

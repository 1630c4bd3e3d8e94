import { UsageError } from "../../constructs/shared/cli";
import { parseCommandLine } from "./args";

const parse = (...args: string[]) => parseCommandLine(args, () => 42);

describe("npm run e2e", () => {
  it("plays both parts by a seed of its own, and ends", () => {
    expect(parse()).toEqual({ parts: ["wordpress", "loomworks"], keep: false, seed: 42, help: false });
  });

  it("takes one part, a seed, a way to apply, and whether to stay", () => {
    expect(parse("--only", "loomworks", "--seed", "7", "--by", "waves", "--keep")).toEqual({
      parts: ["loomworks"],
      keep: true,
      seed: 7,
      by: "waves",
      help: false,
    });
  });

  it.each([
    [["--only", "magento"], "--only magento: there is no such part"],
    [["--seed", "many"], "--seed many: it is no number"],
    [["--by", "hand"], "--by hand: there is no such way"],
    [["--fast"], "Unknown option '--fast'"],
  ])("refuses %j and shows its usage", (args, reason) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(reason);
    expect(() => parse(...args)).toThrow("Usage: npm run e2e");
  });
});

import { UsageError } from "../../constructs/shared/cli";
import { parseCommandLine } from "./args";

const parse = (...args: string[]) => parseCommandLine(args, () => 42);

describe("npm run e2e", () => {
  it("plays all parts by a seed of its own, and ends", () => {
    expect(parse()).toEqual({ parts: ["wordpress", "loomworks", "trouble"], keep: false, seed: 42, help: false });
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

  it("has a picture taken where there are clones to be seen", () => {
    expect(parse("--screenshot", "a.png").screenshot).toBe("a.png");
    expect(parse("--only", "wordpress", "--screenshot", "a.png").screenshot).toBe("a.png");
  });

  it.each([
    [["--only", "magento"], "--only magento: there is no such part"],
    [["--seed", "many"], "--seed many: it is no number"],
    [["--by", "hand"], "--by hand: there is no such way"],
    [["--only", "loomworks", "--screenshot", "a.png"], "--screenshot a.png: that part has no clones"],
    [["--fast"], "Unknown option '--fast'"],
  ])("refuses %j and shows its usage", (args, reason) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(reason);
    expect(() => parse(...args)).toThrow("Usage: npm run e2e");
  });
});

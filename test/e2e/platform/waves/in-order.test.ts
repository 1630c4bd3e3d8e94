import { InvalidInputError } from "../../../../constructs/shared/problems";
import { inOrder } from "./in-order";

const part = (urn: string, ...dependsOn: string[]) => ({ urn, dependsOn });
const problem = (path: string) => ({ code: "X_Y", path, value: 1, reason: "it is odd", remedy: "Give 2" });

describe("Parts that wait for each other", () => {
  it("begin when all that they need is done, and no sooner", async () => {
    const told: string[] = [];
    const run = async ({ urn }: { urn: string }) => {
      told.push(`${urn} begins`);
      await Promise.resolve();
      told.push(`${urn} ends`);
    };
    await inOrder([part("a"), part("b"), part("c", "a", "b"), part("d", "elsewhere")], run);
    const begun = told.indexOf("c begins");
    expect(told.indexOf("a ends")).toBeLessThan(begun);
    expect(told.indexOf("b ends")).toBeLessThan(begun);
    expect(told.indexOf("d begins")).toBeLessThan(begun);
  });

  it("are left out after what they need failed, near or far; all others are tried, and all problems told at once", async () => {
    const run = jest.fn(({ urn }: { urn: string }) =>
      ["a", "e"].includes(urn) ? Promise.reject(new InvalidInputError([problem(urn)])) : Promise.resolve(),
    );
    const all = [part("a"), part("b", "a"), part("c", "b"), part("d"), part("e", "d")];
    await expect(inOrder(all, run)).rejects.toThrow(/^X_Y a: .*\nX_Y e: /);
    expect(run.mock.calls.map(([{ urn }]) => urn).sort()).toEqual(["a", "d", "e"]);
  });
});

import { InvalidInputError } from "../../constructs/shared/problems";
import { StoryFrame } from "./story";

/** A clock that a step moves on by itself. */
function frameWithClock() {
  let now = 0;
  const lines: string[] = [];
  const frame = new StoryFrame({ report: (line) => lines.push(line), now: () => now });
  const after = (seconds: number, detail: string) => () => {
    now += seconds * 1000;
    return Promise.resolve(detail);
  };
  const failing = (error: Error) => () => Promise.reject(error);
  return { frame, lines, after, failing };
}

describe("The frame of the story", () => {
  it("measures each step and tells what proves it", async () => {
    const { frame, lines, after } = frameWithClock();
    const step = await frame.step("A clone is there", ["WARM-01"], after(2.5, "status 200"));
    expect(step.outcome).toBe("passed");
    expect(frame.played).toEqual([
      { name: "A clone is there", outcome: "passed", proves: ["WARM-01"], seconds: 2.5, detail: "status 200" },
    ]);
    expect(lines).toEqual(["✓ A clone is there (2.5 s): status 200"]);
  });

  it("goes on after a failure, skips what needs the failed step, and says because of which", async () => {
    const { frame, lines, after, failing } = frameWithClock();
    const made = await frame.step("It is made", [], failing(new Error("no room")));
    const opened = await frame.step("It is opened", [], after(1, "open"), { needs: [made] });
    const deleted = await frame.step("It is deleted", [], after(1, "gone"), { needs: [opened] });
    const other = await frame.step("Another is made", [], after(1, "made"));
    expect([made, opened, deleted, other].map(({ outcome }) => outcome)).toEqual([
      "failed",
      "skipped",
      "skipped",
      "passed",
    ]);
    expect(lines[0]).toMatch(/^✗ It is made \(0\.0 s\): no room \(test\/e2e\/story\.test\.ts:\d+:\d+\)$/);
    expect(lines.slice(1, 3)).toEqual([
      '- It is opened (skipped): it needs "It is made"',
      '- It is deleted (skipped): it needs "It is opened"',
    ]);
  });

  it("gives a problem's own sentence, without where it was thrown", async () => {
    const { frame, failing } = frameWithClock();
    const problem = { code: "X_Y", path: "a.b", value: 1, reason: "it is odd", remedy: "Give 2" };
    await frame.step("It is asked for", [], failing(new InvalidInputError([problem])));
    expect(frame.played[0]?.detail).toBe("X_Y a.b: got 1; it is odd. Give 2.");
  });

  it("ends with 0 only if there were steps and all of them passed", async () => {
    const { frame, after } = frameWithClock();
    expect(frame.exitCode).toBe(1);
    const step = await frame.step("First", [], after(1, "done"));
    expect(frame.exitCode).toBe(0);
    await frame.step("Second", [], after(1, "done"), { needs: [{ ...step, outcome: "failed" }] });
    expect(frame.exitCode).toBe(1);
  });

  it("shows a table of step, seconds, ids and proof, with one line each and a sum", async () => {
    const { frame, after, failing } = frameWithClock();
    await frame.step("Short", ["LOOM-01", "LOOM-02"], after(12, "two replicas"));
    const failed = await frame.step("A longer one", [], failing(new TypeError(`${"x".repeat(200)}\nmore`)));
    await frame.step("Last", ["PLAT-10"], after(1, "done"), { needs: [failed] });
    expect(frame.table().split("\n")).toEqual([
      "step            seconds  proves           by what",
      "✓ Short            12.0  LOOM-01 LOOM-02  two replicas",
      `✗ A longer one      0.0                   ${"x".repeat(119)}…`,
      '- Last                   PLAT-10          it needs "A longer one"',
      "",
      "1 steps passed, 1 failed, 1 were skipped.",
    ]);
  });

  it("refuses a second step of the same name, which nobody could tell from the first", async () => {
    const { frame, after } = frameWithClock();
    await frame.step("Once", [], after(1, "done"));
    await expect(frame.step("Once", [], after(1, "done"))).rejects.toThrow('The story has two steps "Once"');
  });
});

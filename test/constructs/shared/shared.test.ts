import { formatBytes, formatCpu, parseQuantity } from "../../../constructs/shared/quantity";
import { longestGapSeconds } from "../../../constructs/shared/schedule";
import { InvalidInputError, assertNoProblems } from "../../../constructs/shared/problems";

describe("quantities", () => {
  it.each([
    ["500m", 0.5],
    ["2", 2],
    ["1.5", 1.5],
    ["512Mi", 512 * 2 ** 20],
    ["4Gi", 2 ** 32],
    ["1Ti", 2 ** 40],
  ])("%s is %d", (text, value) => expect(parseQuantity(text)).toBe(value));

  it.each(["", "Gi", "5GB", "-1", "1 Gi"])("refuse %j", (text) =>
    expect(() => parseQuantity(text)).toThrow(RangeError),
  );

  it("are written as short as they can be", () => {
    expect([
      formatCpu(2),
      formatCpu(0.25),
      formatBytes(2 ** 30),
      formatBytes(1536 * 2 ** 20),
      formatBytes(100),
    ]).toEqual(["2", "250m", "1Gi", "1536Mi", "100"]);
  });
});

describe("the longest gap of a schedule", () => {
  it.each([
    ["each day", "0 2 * * *", 86_400],
    ["each Sunday", "0 4 * * 0", 7 * 86_400],
    ["working days", "0 2 * * 1-5", 3 * 86_400],
    ["the first of the month", "0 0 1 * *", 31 * 86_400],
    ["every ten minutes", "*/10 * * * *", 600],
    ["twice a day", "30 6,18 * * *", 12 * 3600],
    ["in the evening of two days", "15 21,23 * * 1,3", 4 * 86_400 + 22 * 3600],
  ])("is found: %s", (_, line, seconds) => expect(longestGapSeconds(line)).toBe(seconds));
});

describe("problems", () => {
  const problem = { code: "A_CODE", path: "a.path", value: 1, reason: "it is one", remedy: "Give two" };

  it("are thrown at once, a line for each", () => {
    expect(() => assertNoProblems([problem, { ...problem, code: "B_CODE" }])).toThrow(
      new InvalidInputError([problem, { ...problem, code: "B_CODE" }]),
    );
    expect(new InvalidInputError([problem]).message).toBe("A_CODE a.path: got 1; it is one. Give two.");
  });

  it("are no error where there are none", () => expect(() => assertNoProblems([])).not.toThrow());
});

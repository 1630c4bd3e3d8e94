import { planDifferences } from "../../../../../infra/plan/report/facts/plan-differences";
import { differenceLines } from "../../../../../infra/plan/terminal/difference";
import { PLAIN } from "../../../../../infra/plan/terminal/paint";
import { planOf } from "../fixtures/input";

const vpc = (name: string, more = {}) => ({ urn: name, name, path: name, type: "aws:ec2/vpc:Vpc", ...more });
const policy = (stack: string, action: string) =>
  JSON.stringify({
    Statement: [
      { Sid: "First", Condition: { StringEquals: { [`tag/loomworks-${stack}`]: "owned" } } },
      { Sid: "Second", Action: action },
    ],
  });

function difference(staging: object[], production: object[]) {
  return planDifferences(planOf("staging", staging), planOf("production", production));
}

describe("[PLAT-10] the difference between two plans", () => {
  it("names what only one of them has", () => {
    const { only, same } = difference([vpc("a"), vpc("b")], [vpc("b"), vpc("c")]);
    expect(only.map((own) => own.map(({ name }) => name))).toEqual([["a"], ["c"]]);
    expect(same).toBe(1);
  });

  it("sets value against value, protection too, and none for what a side hasn't", () => {
    const [one, other] = [{ inputs: { size: 1, only: "x" } }, { inputs: { size: 2 }, protect: true }];
    const { changed } = difference([vpc("a", one)], [vpc("a", other)]);
    expect(changed[0]?.fields).toEqual([
      { path: "(protected by Pulumi)", values: ["false", "true"] },
      { path: "size", values: ["1", "2"] },
      { path: "only", values: ["x", undefined] },
    ]);
  });

  it("leaves out what differs by the stack's name alone, in names, values and keys, and counts it", () => {
    const zone = (name: string) => vpc(`dns-${name}`, { inputs: { name } });
    const tagged = (stack: string) => vpc("a", { inputs: { Name: `loomworks-${stack}`, policy: policy(stack, "x") } });
    const found = difference(
      [zone("staging.loomworks.app"), tagged("staging")],
      [zone("loomworks.app"), tagged("production")],
    );
    expect(found).toMatchObject({ only: [[], []], changed: [], renamed: 2, same: 0 });
  });

  it("keeps apart what is named after a stack in both: clones have a namespace for each", () => {
    const both = [vpc("wordpress-staging"), vpc("wordpress-production")];
    expect(difference(both, both)).toMatchObject({ only: [[], []], changed: [], renamed: 0, same: 2 });
  });

  it("reads policies: a statement differs, not the text of them all", () => {
    const { changed } = difference(
      [vpc("a", { inputs: { policy: policy("staging", "x") } })],
      [vpc("a", { inputs: { policy: policy("production", "y") } })],
    );
    expect(changed[0]?.fields).toEqual([{ path: "policy.Statement[Second].Action", values: ["x", "y"] }]);
  });

  it("is told in lines that fit a terminal: long values are cut, texts counted", () => {
    const [one, other] = [
      { long: "x".repeat(200), text: "a\nb\nc\n" },
      { long: "y", text: "a\n" },
    ];
    const found = difference([vpc("a", { inputs: one }), vpc("b")], [vpc("a", { inputs: other })]);
    const lines = differenceLines([{ path: "odoo.workers", values: ["2", "3"] }], found, PLAIN);
    expect(lines).toEqual(
      expect.arrayContaining([
        "1 only in staging, 0 only in production; 1 resource in both with 2 different inputs, 0 that differ by the stack's name alone, 0 the same.",
        "  odoo.workers: 2 → 3",
        "  b  aws:ec2/vpc:Vpc",
        `    long: ${"x".repeat(71)}… → y`,
        "    text: (text of 4 lines) → a",
      ]),
    );
  });
});

import { renderPlan } from "../../../../infra/plan/render";
import { COLOURED, paintFor, PLAIN } from "../../../../infra/plan/terminal/paint";
import { treeLines } from "../../../../infra/plan/terminal/tree";
import { branchesWith, forestOf } from "../../../../infra/plan/tree";
import { planOf } from "../report/fixtures/input";

const group = (urn: string, parent = "stack") => ({
  urn,
  name: urn,
  parent,
  type: "loomworks:data:Store",
  custom: false,
});
const bucket = (name: string, more = {}) => ({
  urn: name,
  name,
  parent: "store",
  type: "aws:s3/bucket:Bucket",
  ...more,
});

const plan = planOf("staging", [
  { urn: "aws", name: "aws", type: "pulumi:providers:aws" },
  group("store"),
  bucket("b", { protect: true }),
  bucket("a"),
  { ...group("inner", "store"), type: "loomworks:data:Inner" },
  {
    urn: "key",
    name: "key",
    parent: "inner",
    type: "aws:kms/key:Key",
    secretPaths: ["policy"],
    inputs: { policy: "hunter2" },
  },
]);
const forest = forestOf(plan);

describe("[PLAT-10] the tree of a plan in a terminal", () => {
  it("gives an overview: each component with what it holds, counted, and marks that aren't lost by counting", () => {
    expect(treeLines(forest, "overview", PLAIN)).toEqual([
      "├─ aws  pulumi:providers:aws",
      "└─ store  loomworks:data:Store  4 below",
      "   ├─ 2 Bucket  (1 protected)",
      "   └─ inner  loomworks:data:Inner  1 below",
      "      └─ 1 Key  (1 with a secret)",
    ]);
  });

  it("shows as many levels as are asked for, and counts what is below them", () => {
    expect(treeLines(forest, 1, PLAIN)).toEqual([
      "├─ aws  pulumi:providers:aws",
      "└─ store  loomworks:data:Store  4 below: 2 Bucket, 1 Inner, 1 Key  (1 protected, 1 with a secret)",
    ]);
    expect(treeLines(forest, 2, PLAIN).slice(1)).toEqual([
      "└─ store  loomworks:data:Store  4 below",
      "   ├─ a  aws:s3/bucket:Bucket",
      "   ├─ b  aws:s3/bucket:Bucket  (protected)",
      "   └─ inner  loomworks:data:Inner  1 below: 1 Key  (1 with a secret)",
    ]);
  });

  it("names every resource where all are asked for, with where its secrets are and without them", () => {
    const text = treeLines(forest, Infinity, PLAIN).join("\n");
    expect(text).toContain("└─ key  aws:kms/key:Key  (policy: [secret])");
    expect(text).not.toContain("hunter2");
    expect(text.split("\n")).toHaveLength(plan.resources.length - 1);
  });

  it("finds by a part of a name or a type, in whatever case, with what it hangs on and all it has", () => {
    const found = (text: string) => treeLines(branchesWith(text, forest), Infinity, PLAIN);
    expect(found("KMS/")).toEqual([
      "└─ store  loomworks:data:Store  2 below",
      "   └─ inner  loomworks:data:Inner  1 below",
      "      └─ key  aws:kms/key:Key  (policy: [secret])",
    ]);
    expect(found("store")).toHaveLength(5);
    expect(renderPlan(plan, { only: "nothing" })).toContain("Nothing has nothing in its name or type.");
  });

  it("keeps every resource, one whose parent isn't in the plan too", () => {
    const orphan = planOf("staging", [{ urn: "lost", name: "lost", parent: "gone" }]);
    expect(treeLines(forestOf(orphan), Infinity, PLAIN)).toEqual(["└─ lost  kubernetes:core/v1:Secret"]);
  });

  it("is coloured in a terminal that wants it, and plain in a pipe or where NO_COLOR says so", () => {
    expect(paintFor({ isTTY: true, hasColors: () => true })).toBe(COLOURED);
    expect(paintFor({ isTTY: true, hasColors: () => false })).toBe(PLAIN);
    expect(paintFor({ isTTY: false, hasColors: () => true })).toBe(PLAIN);
    expect(paintFor({ isTTY: false })).toBe(PLAIN);

    const bare = renderPlan(plan, { paint: COLOURED }).replace(/\u001b\[\d+m/g, "");
    expect(bare).toBe(renderPlan(plan));
    expect(renderPlan(plan, { paint: COLOURED })).not.toBe(bare);
  });

  it("says which values stand in for those of the owner, and that of nothing else", () => {
    expect(renderPlan(plan)).not.toContain("Stand-in");
    expect(renderPlan({ ...plan, standIns: { account: "000000000000", domain: "example.com" } })).toContain(
      "Stand-ins, as Pulumi.staging.yaml names no others: account 000000000000 and domain example.com. Set aws.account and aws.domain there.",
    );
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STACKS } from "../../../constructs/settings";
import { Plan, UNKNOWN } from "../../../infra/plan/model";
import { planStack } from "../../../infra/plan/plan";
import { judgePlans, violationsOf } from "../../../infra/plan/policies";
import { RULES } from "../../../infra/policy/rules";
import { REPOSITORY } from "../../support/pulumi-project";
import { BROKEN, TYPES } from "./cases";
import { setting, Spoil, spoilt, without } from "./spoilt";

const plans: Record<string, Plan> = {};

beforeAll(async () => {
  for (const stack of STACKS) {
    plans[stack] = await planStack(stack, REPOSITORY, "aws");
    plans[`${stack} local`] = await planStack(stack, REPOSITORY, "local");
  }
}, 60_000);

/** `rule resource path` of each violation. */
const spoken = (plan: Plan) =>
  violationsOf(plan).map(({ rule, path }) => `${rule} ${path.split(" ").slice(1).join(" ")}`);

describe("The rules that stacks are held to", () => {
  it.each(["staging", "production", "staging local", "production local"])("have nothing against %s", (name) => {
    expect(spoken(plans[name]!)).toEqual([]);
  });

  it.each(BROKEN)("%s: sees %s spoilt", (rule, resource, spoil, path, stack = "staging") => {
    const found = spoken(spoilt(plans[stack]!, resource, TYPES[resource], spoil));
    const subject = rule === "buckets-are-versioned" ? "storage-backups-bucket" : resource;
    const own = found.filter((line) => line === `${rule} ${subject}${path === "-" ? "" : ` ${path}`}`);
    expect(own).toHaveLength(1);
    expect(found.filter((line) => !line.startsWith(`${rule} ${subject}`))).toEqual([]);
  });

  it.each([
    ["storage-backups-public-access", "buckets-are-guarded"],
    ["storage-logs-encryption", "buckets-are-guarded"],
    ["storage-traces-policy", "buckets-are-guarded"],
    ["storage-backups-versioning", "buckets-are-versioned"],
  ])("see that %s is gone (%s)", (resource, rule) => {
    const bucket = resource.replace(/^(storage-\w+)-.*/, "$1-bucket");
    expect(spoken(without(plans.staging!, resource))).toEqual([`${rule} ${bucket}`]);
  });

  it("each have a case here", () => {
    const broken = [...BROKEN.map(([rule]) => rule), "buckets-are-guarded"];
    expect([...new Set(broken)].sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  it("let staging go: what is protected is a matter of production", () => {
    const unprotected = plans.staging!.resources.filter(
      ({ type, protect }) => type.includes("rds/instance") && !protect,
    );
    expect(unprotected).toHaveLength(1);
  });

  it("take a value that nobody knows yet for a right one", () => {
    const unknown: Spoil = ({ inputs }) => {
      for (const key of Object.keys(inputs))
        if (!["apiVersion", "kind", "metadata"].includes(key)) inputs[key] = UNKNOWN;
    };
    for (const stack of STACKS) {
      const resources = plans[stack]!.resources.map((resource) => {
        const copy = structuredClone(resource) as any;
        unknown(copy);
        return copy;
      });
      expect(spoken({ ...plans[stack]!, resources })).toEqual([]);
    }
  });

  it("make no exception that the program doesn't need", () => {
    const needed = RULES.flatMap((rule) =>
      Object.keys(rule.exceptions ?? {}).filter((name) => !spokenWithout(rule.name).includes(name)),
    );
    expect(needed).toEqual([]);
  });

  /** Resources that a rule would speak of in production, had it no exceptions. */
  function spokenWithout(name: string): string[] {
    const rule = RULES.find((one) => one.name === name)!;
    const { exceptions } = rule;
    try {
      Object.assign(rule, { exceptions: {} });
      return violationsOf(plans.production!).map(({ path }) => path.split(" ")[1]!);
    } finally {
      Object.assign(rule, { exceptions });
    }
  }
});

describe("Plans that break a rule", () => {
  it("are shown with the violation, and give exit code 1", () => {
    const told: string[] = [];
    const plan = spoilt(plans.production!, "shared-database-instance", undefined, setting("publiclyAccessible", true));
    expect(judgePlans([plans.staging!, plan], (text) => told.push(text))).toBe(1);
    expect(told).toEqual([
      "POLICY_VIOLATED production shared-database-instance publiclyAccessible: got true; the database gets a public " +
        "address, and one security group is all that is left before it (policy databases-are-private). Leave it out, or " +
        "set it to false; from outside, go through the cluster.",
    ]);
    expect(judgePlans([plans.staging!], () => expect(true).toBe(false))).toBe(0);
  });

  it("never tell what a secret is", () => {
    const plan = spoilt(plans.staging!, "shared-database-instance", undefined, setting("password", "hunter2"));
    expect(JSON.stringify(violationsOf(plan))).not.toContain("hunter2");
  });
});

describe("docs/policies.md", () => {
  const rows = [
    ...readFileSync(join(REPOSITORY, "docs", "policies.md"), "utf8").matchAll(/^\| `([^`]+)` *\| (.*?) *\|$/gm),
  ];
  const table = Object.fromEntries(rows.map(([, name, text]) => [name, text]));

  it("has each rule with its reason, and each exception with its own", () => {
    const rules = RULES.map(({ name, description }) => [name, description]);
    const exceptions = RULES.flatMap(({ name, exceptions: all = {} }) =>
      Object.entries(all).map(([resource, reason]) => [`${name}: ${resource}`, reason]),
    );
    expect(table).toEqual(Object.fromEntries([...rules, ...exceptions]));
  });
});

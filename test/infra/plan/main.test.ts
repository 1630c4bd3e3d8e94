import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../../constructs/shared/cli";
import { main } from "../../../infra/plan/main";
import type { Plan } from "../../../infra/plan/model";
import { planStack } from "../../../infra/plan/plan";
import { renderPlan } from "../../../infra/plan/render";
import { makeReport } from "../../../infra/plan/start";
import { renderCosts } from "../../../infra/plan/views";
import { ProjectCopy, REPOSITORY } from "../../support/pulumi-project";
import { spoilt } from "../policy/spoilt";

const TSX = join(REPOSITORY, "node_modules", ".bin", "tsx");

/** From another folder and with a KUBECONFIG that isn't there: neither may matter. */
function run(...args: string[]) {
  const env = { ...process.env, KUBECONFIG: join(REPOSITORY, "no-such-file") };
  const command = join(REPOSITORY, "infra", "plan", "main.ts");
  return spawnSync(TSX, [command, ...args], { cwd: "/", env, encoding: "utf8" });
}

const made = new Map<string, Promise<Plan>>();

/** Each plan once: they take seconds, and nothing that is shown changes them. */
const remembered: typeof planStack = (stack, root, target) => {
  const key = [stack, root, target].join();
  if (!made.has(key)) made.set(key, planStack(stack, root, target));
  return made.get(key)!;
};

/** A plan whose database has a public address. */
const publicDatabase: typeof planStack = async (stack) =>
  spoilt(await remembered(stack, REPOSITORY), "shared-database-instance", undefined, ({ inputs }) => {
    inputs.publiclyAccessible = true;
  });

/** What the command shows to a pipe, when all is well. */
async function shown(...args: string[]): Promise<string> {
  const texts: string[] = [];
  const write = (text: unknown) => texts.push(String(text)) > 0;
  expect(await main(args, { isTTY: false, write }, remembered)).toBe(0);
  return texts.join("");
}

const USAGE =
  "Usage: npm run plan [-- [--stack staging|production] [--target aws|local] [--depth N|all] [--only TEXT] ";

describe("npm run plan", () => {
  it("[PLAT-10] shows both stacks, byte by byte what the API says", async () => {
    const { stdout, stderr, status } = run();
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const [staging, production] = [await remembered("staging", REPOSITORY), await remembered("production", REPOSITORY)];
    const cost = renderCosts([staging, production], REPOSITORY);
    expect(stdout).toBe(`${renderPlan(staging)}\n${renderPlan(production)}\n${cost}`);
  }, 60_000);

  it("gives one stack as data, and without AWS where it is asked for", async () => {
    expect(JSON.parse(await shown("--stack", "production", "--target", "local", "--json"))).toEqual(
      JSON.parse(JSON.stringify([await planStack("production", REPOSITORY, "local")])),
    );
  });

  it("[PLAT-10] shows a part of it, the difference and the roles where they are asked for, without a colour in a pipe", async () => {
    const only = await shown("--stack", "staging", "--only", "s3/bucket:");
    expect(only.match(/aws:s3\/bucket:Bucket$/gm)).toHaveLength(3);
    const [difference, roles] = [await shown("--diff"), await shown("--iam")];
    expect(difference).toMatch(/^ {2}aws\.data\.databaseMultiAz: false → true$/m);
    expect(difference).toMatch(/Only in production: \d+\n(.*\n)* {2}network > network-nat-b/);
    expect(roles).toContain("Taken by pods of ServiceAccount karpenter/karpenter by Pod Identity");

    for (const text of [only, difference, roles]) expect(text).not.toMatch(/\u001b/);
  });

  it("[PLAT-12] ends with what the stacks cost, and shows every line, or the prices of another region, by asking", async () => {
    const [, largest = ""] = (await shown("--stack", "staging")).split("Cost of staging");
    expect(largest).toMatch(/by list prices of eu-central-1: \$\d+\.\d\d a month/);
    expect(largest).toMatch(/and \d+ lines more/);
    const every = await shown("--stack", "staging", "--cost", "--prices", "us-east-1");
    expect(every).toContain("NAT gateways [platform]: 1 × $0.045/hour × 730 h (AmazonEC2, source ");
    expect(every).toMatch(/Sources of the prices:\n {2}1\. 20\d\d-/);
    const [asData] = JSON.parse(await shown("--stack", "staging", "--json")) as { cost: { total: number } }[];
    expect(largest).toContain(asData!.cost.total.toFixed(2));
  });

  it.each([
    [["--stack", "dev"]],
    [["--prices", "eu-moon-1"]],
    [["--cost", "--json"]],
    [["--target", "moon"]],
    [["--verbose"]],
    [["--depth", "0"]],
    [["--only", ""]],
    [["--diff", "--json"]],
    [["--diff", "--stack", "staging"]],
    [["--iam", "--only", "x"]],
  ])("says how it is used when asked for %j", async (args) => {
    const refused: unknown = await shown(...args).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect((refused as UsageError).message).toContain(USAGE);
  });

  it("says so on the standard error alone, with exit code 2", () => {
    const { stdout, stderr, status } = run("--stack", "dev");
    expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
    expect(stderr).toContain(`There is no stack dev.\n${USAGE}`);
  }, 60_000);

  it("gives exit code 1 for a plan that breaks a policy, and shows it", async () => {
    const spy = jest.spyOn(console, "error").mockImplementation(() => undefined);
    const out = { isTTY: false, write: jest.fn(() => true) };
    expect(await main(["--stack", "staging"], out, publicDatabase)).toBe(1);
    expect(out.write).toHaveBeenCalledWith(expect.stringContaining("shared-database"));
    expect(spy).toHaveBeenCalledWith(expect.stringMatching(/^POLICY_VIOLATED staging shared-database-instance /));
    spy.mockRestore();
  });
});

describe("npm start", () => {
  it("gives exit code 1 for a plan that breaks a policy, and still writes the report", async () => {
    const copy = new ProjectCopy();
    const told = jest.spyOn(console, "error").mockImplementation(() => undefined);
    const out = jest.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      expect(await makeReport(copy.root, publicDatabase)).toBe(1);
      expect(told).toHaveBeenCalledWith(
        expect.stringMatching(/^POLICY_VIOLATED production shared-database-instance /m),
      );
      expect(out).toHaveBeenCalledWith(expect.stringContaining("report/index.html"));
      expect(existsSync(join(copy.root, "report", "index.html"))).toBe(true);
    } finally {
      told.mockRestore();
      out.mockRestore();
      copy.remove(".");
    }
  });
});

describe("Plans of two projects in one process", () => {
  it("don't mix", async () => {
    const copy = new ProjectCopy();
    copy.edit("Pulumi.staging.yaml", "config:", "config:\n  loomworks:rotate: { odoo-admin: '2' }");
    const [here, there] = await Promise.all([planStack("staging"), planStack("staging", copy.root)]);
    copy.remove(".");
    const rotated = (plan: typeof here) => plan.resources.filter(({ inputs }) => inputs.keepers !== undefined);
    expect(rotated(here)).toEqual([]);
    expect(rotated(there).map(({ inputs }) => inputs.keepers)).toEqual([{ rotation: "2" }]);
  });
});

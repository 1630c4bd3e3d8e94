import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { planStack } from "../../../infra/plan/plan";
import { renderPlan } from "../../../infra/plan/render";
import { renderCosts } from "../../../infra/plan/views";
import { ProjectCopy, REPOSITORY } from "../../support/pulumi-project";

const TSX = join(REPOSITORY, "node_modules", ".bin", "tsx");

/** From another folder and with a KUBECONFIG that isn't there: neither may matter. */
function plan(...args: string[]) {
  const env = { ...process.env, KUBECONFIG: join(REPOSITORY, "no-such-file") };
  const main = join(REPOSITORY, "infra", "plan", "main.ts");
  // A plan as data is larger than the megabyte that Node reads otherwise.
  return spawnSync(TSX, [main, ...args], { cwd: "/", env, encoding: "utf8", maxBuffer: 64 * 2 ** 20 });
}

describe("npm run plan", () => {
  it("[PLAT-10] shows both stacks, byte by byte what the API says", async () => {
    const { stdout, stderr, status } = plan();
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const [staging, production] = [await planStack("staging"), await planStack("production")];
    const cost = renderCosts([staging, production], REPOSITORY);
    expect(stdout).toBe(`${renderPlan(staging)}\n${renderPlan(production)}\n${cost}`);
  }, 60_000);

  it("gives one stack as data, and without AWS where it is asked for", async () => {
    const { stdout, status } = plan("--stack", "production", "--target", "local", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(JSON.stringify([await planStack("production", REPOSITORY, "local")])),
    );
  }, 60_000);

  it("[PLAT-10] shows a part of it, the difference and the roles where they are asked for, without a colour in a pipe", () => {
    const only = plan("--stack", "staging", "--only", "s3/bucket:");
    expect(only.stdout.match(/aws:s3\/bucket:Bucket$/gm)).toHaveLength(3);
    const shown = [only.stdout, plan("--diff").stdout, plan("--iam").stdout];
    expect(shown[1]).toMatch(/^ {2}aws\.data\.databaseMultiAz: false → true$/m);
    expect(shown[1]).toMatch(/Only in production: \d+\n(.*\n)* {2}network > network-nat-b/);
    expect(shown[2]).toContain("Taken by pods of ServiceAccount karpenter/karpenter by Pod Identity");

    for (const text of shown) expect(text).not.toMatch(/\u001b/);
  }, 120_000);

  it("[PLAT-12] ends with what the stacks cost, and shows every line, or the prices of another region, by asking", () => {
    const [, largest = ""] = plan("--stack", "staging").stdout.split("Cost of staging");
    expect(largest).toMatch(/by list prices of eu-central-1: \$\d+\.\d\d a month/);
    expect(largest).toMatch(/and \d+ lines more/);
    const { stdout } = plan("--stack", "staging", "--cost", "--prices", "us-east-1");
    expect(stdout).toContain("NAT gateways [platform]: 1 × $0.045/hour × 730 h (AmazonEC2, source ");
    expect(stdout).toMatch(/Sources of the prices:\n {2}1\. 20\d\d-/);
    const [asData] = JSON.parse(plan("--stack", "staging", "--json").stdout) as { cost: { total: number } }[];
    expect(largest).toContain(asData!.cost.total.toFixed(2));
  }, 120_000);

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
  ])(
    "says how it is used when asked for %j",
    (args) => {
      const { stdout, stderr, status } = plan(...args);
      expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
      expect(stderr).toContain(
        "Usage: npm run plan [-- [--stack staging|production] [--target aws|local] [--depth N|all]",
      );
    },
    60_000,
  );
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

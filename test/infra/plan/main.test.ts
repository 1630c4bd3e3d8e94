import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { planStack } from "../../../infra/plan/plan";
import { renderPlan } from "../../../infra/plan/render";
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
    expect(stdout).toBe(`${renderPlan(staging)}\n${renderPlan(production)}`);
  }, 60_000);

  it("gives one stack as data, and without AWS where it is asked for", async () => {
    const { stdout, status } = plan("--stack", "production", "--target", "local", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(JSON.stringify([await planStack("production", REPOSITORY, "local")])),
    );
  }, 60_000);

  it.each([[["--stack", "dev"]], [["--target", "moon"]], [["--verbose"]]])(
    "says how it is used when asked for %j",
    (args) => {
      const { stdout, stderr, status } = plan(...args);
      expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
      expect(stderr).toContain("Usage: npm run plan [-- [--stack staging|production] [--target aws|local] [--json]]");
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

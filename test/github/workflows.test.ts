import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { STACKS } from "../../constructs/settings";

const ROOT = join(__dirname, "../..");
const FOLDER = join(ROOT, ".github/workflows");

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly steps?: readonly Step[];
  readonly uses?: string;
  readonly if?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": unknown };
  readonly "timeout-minutes"?: number;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const texts = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), "utf8")] as const),
);
const workflows = Object.fromEntries(Object.entries(texts).map(([file, text]) => [file, parse(text) as Workflow]));
const jobs = Object.entries(workflows).flatMap(([file, { jobs: all }]) =>
  Object.entries(all).map(([name, job]) => ({ name: `${file} ${name}`, job })),
);
const steps = jobs.flatMap(({ name, job }) => (job.steps ?? []).map((step) => ({ name, step })));
const packageJson = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const delivery = readFileSync(join(ROOT, "docs/delivery.md"), "utf8");

/** Jobs that may ask AWS for credentials. */
const CREDENTIALED = ["deliver.yml preview", "deliver.yml staging", "deliver.yml production", "up.yml up"];

describe("[PLAT-10] The workflows", () => {
  it("are those that the document explains", () => {
    expect(Object.keys(workflows).sort()).toEqual(["check.yml", "deliver.yml", "prove.yml", "up.yml"]);
    for (const file of Object.keys(workflows)) expect(delivery).toContain(`\`${file}\``);
  });

  it("pin each action by its commit, with the version beside it", () => {
    const used = Object.values(texts).flatMap((text) => [...text.matchAll(/uses: (.*)$/gm)].map(([, rest]) => rest!));
    expect(used.length).toBeGreaterThan(10);
    const loose = used.filter((one) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(one));
    expect(loose.filter((one) => !one.startsWith("./.github/workflows/"))).toEqual([]);
    for (const one of loose) expect(existsSync(join(ROOT, one))).toBe(true);
  });

  it("pin an action to one commit everywhere", () => {
    const commits = new Map<string, Set<string>>();
    for (const { step } of steps) {
      const [action = "", commit = ""] = (step.uses ?? "").split("@");
      if (action !== "") commits.set(action, (commits.get(action) ?? new Set()).add(commit));
    }
    expect([...commits].filter(([, all]) => all.size > 1)).toEqual([]);
  });

  it("never run a stranger's code with the repository's rights", () => {
    for (const { on } of Object.values(workflows)) {
      expect(Object.keys(on)).not.toContain("pull_request_target");
      expect(Object.keys(on)).not.toContain("workflow_run");
    }
  });

  it("put nothing into a script that somebody else wrote: a branch's name could be a command", () => {
    expect(steps.filter(({ step }) => step.run?.includes("${{")).map(({ name }) => name)).toEqual([]);
  });

  it("give no right but those that a job names, and no token to a checkout", () => {
    for (const { permissions } of Object.values(workflows)) expect(permissions).toEqual({});
    const rights = Object.fromEntries(jobs.map(({ name, job }) => [name, job.permissions]));
    const read = { contents: "read" };
    const credentialed = { ...read, "id-token": "write" };
    expect(rights).toEqual({
      "check.yml check": read,
      "prove.yml prove": read,
      "deliver.yml check": read,
      "deliver.yml comment": { actions: "read", "pull-requests": "write" },
      ...Object.fromEntries(CREDENTIALED.map((name) => [name, credentialed])),
    });
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
    expect(checkouts.map(({ step }) => step.with?.["persist-credentials"])).toEqual(checkouts.map(() => false));
  });

  it("hold no key: AWS is asked by the run's own identity", () => {
    expect(Object.values(texts).join("\n")).not.toMatch(/secrets\.|access-key|AWS_SECRET/);
    const asked = steps.filter(({ step }) => step.uses?.startsWith("aws-actions/configure-aws-credentials@"));
    expect(asked.map(({ name }) => name)).toEqual(["deliver.yml preview", "up.yml up"]);
    for (const { step } of asked) expect(step.with?.["role-to-assume"]).toBe("${{ vars.AWS_ROLE_ARN }}");
  });

  it("give a fork's pull request no credentials", () => {
    const { preview } = workflows["deliver.yml"]!.jobs;
    expect(preview!.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
  });

  it("end each job some time", () => {
    const endless = jobs.filter(({ job }) => job.uses === undefined && job["timeout-minutes"] === undefined);
    expect(endless.map(({ name }) => name)).toEqual([]);
  });

  it("call scripts that package.json has, on the Node that it asks for", () => {
    const called = steps.flatMap(({ step }) =>
      [...(step.run ?? "").matchAll(/npm run ([\w:]+)/g)].map(([, one]) => one!),
    );
    expect(called).toEqual(expect.arrayContaining(["lint", "typecheck", "synth", "plan"]));
    expect(called.filter((one) => packageJson.scripts[one] === undefined)).toEqual([]);
    const nodes = steps.filter(({ step }) => step.uses?.startsWith("actions/setup-node@"));
    for (const { step } of nodes) expect(`>=${String(step.with?.["node-version"])}`).toBe(packageJson.engines.node);
  });

  it("run the Pulumi that the program is written for", () => {
    const installed = steps.filter(({ step }) => step.uses?.startsWith("pulumi/actions@"));
    expect(installed.map(({ step }) => step.with?.["pulumi-version"])).toEqual(
      installed.map(() => packageJson.dependencies["@pulumi/pulumi"]),
    );
  });
});

describe("[PLAT-10] pulumi up", () => {
  const { up } = workflows["up.yml"]!.jobs;
  const names = up!.steps!.map(({ name, uses, run }) => name ?? uses ?? run!);

  it("is never cut off, nor run twice at a time on one stack", () => {
    expect(up!.concurrency).toEqual({ group: "up-${{ inputs.stack }}", "cancel-in-progress": false });
  });

  it("[PLAT-11] applies what was reviewed, and nothing older than main, under the policies", () => {
    expect(names[0]).toBe("Nothing but the newest of main");
    const order = ["What is applied is what was reviewed", "pulumi up"].map((name) => names.indexOf(name));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(order).not.toContain(-1);
    expect(up!.steps!.at(-1)!.run).toContain("--policy-pack infra/policy");
    expect(existsSync(join(ROOT, "infra/policy/PulumiPolicy.yaml"))).toBe(true);
  });

  it("goes from checks to staging to production, which asks for an approval", () => {
    const { check, staging, production } = workflows["deliver.yml"]!.jobs;
    expect(check!.if).toBe("github.event_name == 'push'");
    expect([staging!.needs, production!.needs]).toEqual(["check", "staging"]);
    expect(up!.environment).toBe("${{ inputs.stack }}");
    expect((workflows["deliver.yml"]!.on.push as any).branches).toEqual(["main"]);
  });

  it("takes a role that trusts its environment alone", () => {
    const policies = [...delivery.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text!));
    const trusts = policies.filter((policy) => JSON.stringify(policy).includes("AssumeRoleWithWebIdentity"));
    expect(trusts).toHaveLength(1);
    const [{ Action, Condition }] = trusts[0].Statement;
    expect(Action).toBe("sts:AssumeRoleWithWebIdentity");
    expect(Condition.StringEquals).toEqual({
      "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
      "token.actions.githubusercontent.com:sub": "repo:acme/loomworks-platform:environment:production",
    });
    for (const stack of STACKS) {
      expect(delivery).toContain(`\`${stack}\``);
      expect(delivery).toContain(`\`${stack}-preview\``);
    }
  });
});

import { join } from "node:path";
import { LOOMWORKS_SECRETS } from "../../constructs/contract";
import { planStack } from "../../infra/plan/plan";
import { Cluster, describeWithCluster } from "../cluster";
import { completeJobs } from "../support/completed-jobs";
import { AppliedStack, Outcome, PulumiProject, describeWithPulumi } from "../support/pulumi-cli";
import { documentsOf, REPOSITORY } from "../support/pulumi-project";

const STACK = "staging";
const STACK_FILE = `Pulumi.${STACK}.yaml`;
const MINUTES = 60_000;

function define(cluster: () => Cluster): void {
  let project: PulumiProject;
  let stack: AppliedStack;
  let planned: number;
  const completing = new AbortController();
  const passwords = async (): Promise<Record<string, string>> => {
    const secrets = await Promise.all(
      Object.values(LOOMWORKS_SECRETS).map(({ name }) =>
        cluster().client.get({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "loomworks" } }),
      ),
    );
    const read = (secret: any) => Buffer.from(secret.data.password, "base64").toString();
    return Object.fromEntries(secrets.map((secret) => [secret.metadata.name, read(secret)]));
  };
  /** The passwords that `text` has in clear. */
  const shownIn = async (text: string) => {
    const all = Object.values(await passwords());
    expect(all).toEqual(all.map(() => expect.stringMatching(/^[A-Za-z0-9]{32}$/)));
    return all.filter((password) => text.includes(password));
  };

  beforeAll(async () => {
    await cluster().installCrds([join(REPOSITORY, "constructs", "imports", "crds")]);
    ({ project, stack } = await PulumiProject.create(STACK, cluster().kubeconfig));
    planned = (await planStack(STACK, project.root)).resources.length;
    void completeJobs(cluster(), completing.signal);
  }, 5 * MINUTES);

  afterAll(() => {
    completing.abort();
    project.end();
  });

  it(
    "[PLAT-10] previews what the offline plan says, by the real providers",
    async () => {
      const { counts, output } = await report("preview", stack.preview());
      expect(counts).toEqual({ create: planned });
      expect(warningsIn(output)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    "[PLAT-11] applies what was reviewed: the cluster holds it, and a dry run would change nothing",
    async () => {
      const { counts, output } = await report("up", stack.up());
      expect(counts).toEqual({ create: planned });
      const applied = await cluster().apply(documentsOf(STACK, project.root), { dryRun: true, force: true });
      expect(applied.filter(({ outcome }) => outcome !== "unchanged").map(({ name }) => name)).toEqual([]);
      expect(await shownIn(output)).toEqual([]);
    },
    15 * MINUTES,
  );

  it(
    "[LOOM-06] keeps the passwords in the state, encrypted",
    async () => {
      expect(await shownIn(stack.state())).toEqual([]);
      expect(stack.state()).toContain("postgres-credentials");
      const { token } = cluster().config.getCurrentUser() ?? {};
      if (token !== undefined) expect(stack.state().includes(token)).toBe(false);
    },
    2 * MINUTES,
  );

  it(
    "[PLAT-10] changes nothing the second time",
    async () => {
      const before = await passwords();
      const { counts, changes } = await report("second up", stack.up());
      expect({ counts, changes }).toEqual({ counts: { same: planned }, changes: [] });
      expect(await passwords()).toEqual(before);
    },
    5 * MINUTES,
  );

  it(
    "[PLAT-11] refuses a setting that dist doesn't know, and then touches what that setting is about",
    async () => {
      project.edit(STACK_FILE, "keepDays: 7", 'keepDays: 7\n      schedule: "30 1 * * *"');
      const { message } = await stack.up().then(
        () => new Error("It went through"),
        (error: unknown) => error as Error,
      );
      expect(message).toMatch(/DIST_STALE loomworks\.backup\.schedule: got "30 1 \* \* \*";/);
      expect(message).not.toContain("explainingProblems");
      project.synthesize();
      const before = await passwords();
      const { changes } = await report("up of one setting", stack.up());
      expect(changes).toEqual(["update kubernetes:batch/v1:CronJob loomworks/postgres-backup"]);
      expect(await passwords()).toEqual(before);
    },
    5 * MINUTES,
  );

  it(
    "[LOOM-07] rotates the one Secret that is asked for, and rolls the pods that read it from their environment",
    async () => {
      const before = await passwords();
      project.edit(STACK_FILE, "config:", `config:\n  loomworks:rotate:\n    ${LOOMWORKS_SECRETS.admin.name}: "2"`);
      const { changes, output } = await report("up of a rotation", stack.up());
      const name = `credentials-${LOOMWORKS_SECRETS.admin.name}`;
      // The migration reads it, too: its Job is made anew, and finds nothing to do.
      expect(changes.map((change) => change.replace(/(?<=odoo-migrate)-\w+$/, ""))).toEqual([
        "create-replacement kubernetes:batch/v1:Job loomworks/odoo-migrate",
        `create-replacement random:index/randomPassword:RandomPassword ${name}-password`,
        "delete-replaced kubernetes:batch/v1:Job loomworks/odoo-migrate",
        `delete-replaced random:index/randomPassword:RandomPassword ${name}-password`,
        "replace kubernetes:batch/v1:Job loomworks/odoo-migrate",
        `replace random:index/randomPassword:RandomPassword ${name}-password`,
        "update kubernetes:apps/v1:Deployment loomworks/odoo",
        "update kubernetes:apps/v1:Deployment loomworks/odoo-cron",
        `update kubernetes:core/v1:Secret ${name}`,
      ]);
      const after = await passwords();
      expect(Object.keys(after).filter((secret) => after[secret] !== before[secret])).toEqual([
        LOOMWORKS_SECRETS.admin.name,
      ]);
      expect(await shownIn(output)).toEqual([]);
    },
    10 * MINUTES,
  );

  it(
    "replaces nothing when it reaches the same cluster by another kubeconfig",
    async () => {
      stack.use(project.rename(cluster().kubeconfig));
      const { changes } = await report("up by another kubeconfig", stack.up());
      expect(changes).toEqual(["update pulumi:providers:kubernetes cluster"]);
    },
    5 * MINUTES,
  );

  it(
    "refuses to delete what holds data, until the settings say otherwise",
    async () => {
      project.edit(STACK_FILE, "protectData: false", "protectData: true");
      project.edit(STACK_FILE, "maxConnections: 250", "maxConnections: 260");
      project.synthesize();
      const { changes } = await report("up with protection", stack.up());
      // In place: a ConfigMap that is made anew is missing for a while.
      expect(changes).toContain("update kubernetes:core/v1:ConfigMap loomworks/postgres-config");
      await expect(stack.destroy()).rejects.toThrow(/PersistentVolumeClaim::loomworks\/postgres-data.*protect/s);
      expect(await cluster().client.list("v1", "PersistentVolumeClaim", "loomworks")).toHaveLength(4);
      project.edit(STACK_FILE, "protectData: true", "protectData: false");
      project.synthesize();
      await report("up without protection", stack.up());
    },
    10 * MINUTES,
  );

  it(
    "[PLAT-10] leaves nothing behind",
    async () => {
      const { counts } = await report("destroy", stack.destroy());
      expect(counts).toEqual({ delete: planned });
      expect(JSON.parse(stack.state()).checkpoint.latest.resources ?? []).toEqual([]);
      const names = (await cluster().client.list("v1", "Namespace")).map(({ metadata }) => metadata.name);
      expect(names).not.toContain("loomworks");
    },
    10 * MINUTES,
  );
}

/** What Pulumi warns of, but for where it found its plugins, which is this machine's affair. */
function warningsIn(output: string): string[] {
  const lines = output.split("\n").filter((line) => line.includes("warning:"));
  return lines.filter((line) => !/from \$PATH|resource plugin \w+ is expected/.test(line));
}

/** What it did, and how long a person waits for it, goes to where the run is watched. */
async function report(what: string, run: Promise<Outcome>): Promise<Outcome> {
  const outcome = await run;
  process.stderr.write(`pulumi: ${what} took ${outcome.seconds} s: ${JSON.stringify(outcome.counts)}\n`);
  return outcome;
}

describeWithPulumi("pulumi up", () => {
  describeWithCluster("of the local target", {}, define);
});

import * as pulumi from "@pulumi/pulumi";
import { PROJECT } from "../../../constructs/settings";
import { InvalidInputError, Problem } from "../../../constructs/shared/problems";
import program from "../../../infra/index";
import { PlanMonitor } from "../../../infra/plan/monitor";
import { planStack } from "../../../infra/plan/plan";
import { ProjectCopy } from "../../support/pulumi-project";

const STACK_FILE = "Pulumi.staging.yaml";

describe("A program whose input is wrong", () => {
  let project: ProjectCopy;
  const problems = async (): Promise<readonly Problem[]> => {
    const error: unknown = await planStack("staging", project.root).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as InvalidInputError).problems;
  };
  const codes = async () => (await problems()).map(({ code, path }) => `${code} ${path}`);

  beforeEach(() => {
    project = new ProjectCopy();
  });

  afterEach(() => {
    project.remove(".");
  });

  it("is planned as it is when nothing was spoilt", async () => {
    expect((await planStack("staging", project.root)).resources.length).toBeGreaterThan(60);
  });

  it("names every wrong setting at once, and a wrong rotation with them", async () => {
    project.edit(STACK_FILE, "maxReplicas: 4", "maxReplicas: 400");
    project.edit(STACK_FILE, "domain: staging.loomworks.app", "domain: https://loomworks.app");
    project.edit(STACK_FILE, "config:", "config:\n  loomworks-platform:target: moon\n  loomworks:rotate: { odo: 2 }");
    expect(await codes()).toEqual([
      "SETTING_CHOICE target",
      "SETTING_DOMAIN loomworks.domain",
      "SETTING_RANGE loomworks.odoo.maxReplicas",
      "ROTATE_UNKNOWN loomworks:rotate.odo",
    ]);
  });

  it.each(["2", "[postgres-credentials]", "{ postgres-credentials: { again: 1 } }"])(
    "takes %s for no rotation",
    async (text) => {
      project.edit(STACK_FILE, "config:", `config:\n  loomworks:rotate: ${text}`);
      expect((await problems()).map(({ code }) => code)).toEqual(["ROTATE_VALUE"]);
    },
  );

  /** Runs the program as Pulumi would, with every setting but these at its default. */
  const run = async (stack: string, settings: Record<string, string> = { target: "local" }, preview = true) => {
    const monitor = new PlanMonitor(PROJECT, stack);
    pulumi.runtime.setMockOptions(monitor, PROJECT, stack, preview);
    const config = Object.entries(settings).map(([key, value]) => [`${PROJECT}:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(config));
    let error: unknown;
    await pulumi.runtime.runInPulumiStack(() => {
      try {
        program({ root: project.root, access: () => ({ kubeconfig: "", identifier: "" }) });
      } catch (thrown) {
        error = thrown;
      }
      return Promise.resolve();
    });
    return { error, types: monitor.resources.map(({ type }) => type) };
  };

  it("registers nothing but the stack itself", async () => {
    project.remove("dist/staging");
    expect((await run("staging")).types).toEqual(["pulumi:pulumi:Stack"]);
  });

  it("[PLAT-10] is asked for account, region and domain, each with its command, and a preview for nothing else", async () => {
    const { error, types } = await run("staging", {});
    expect(types).toEqual(["pulumi:pulumi:Stack"]);
    const asked = (error as Error).message.matchAll(/SETTING_MISSING (\S+): got null; .*`(.*)`\.$/gm);
    expect([...asked].map(([, path, command]) => [path, command])).toEqual([
      ["aws.account", "pulumi config set --path 'loomworks-platform:aws.account' 111122223333"],
      ["aws.region", "pulumi config set --path 'loomworks-platform:aws.region' eu-central-1"],
      ["aws.domain", "pulumi config set --path 'loomworks-platform:aws.domain' platform.example.com"],
    ]);
    expect((error as Error).message).not.toContain("publicAccess");
  });

  it("[PLAT-01] is asked before its first change from where the API server is to be reached, and takes nowhere for an answer", async () => {
    const aws = { account: 111122223333, region: "eu-west-1", domain: "platform.example.com" };
    const up = async (more: object) => {
      const { error } = await run("staging", { aws: JSON.stringify({ ...aws, ...more }) }, false);
      return (error as Error).message;
    };
    expect(await up({})).toMatch(
      /^SETTING_MISSING aws\.cluster\.publicAccess: .*publicAccess\[0\]' 203\.0\.113\.7\/32/,
    );
    // The settings are all right then; what dist was made from are others.
    expect(await up({ cluster: { publicAccess: [] } })).toMatch(/^(DIST_STALE|VOLUME_SHRINKS) /);
  });

  it("is told to Pulumi as an error that it shows without a stack trace", async () => {
    project.remove("dist/staging");
    const { error } = await run("staging");
    expect(error).toBeInstanceOf(pulumi.RunError);
    expect((error as Error).message).toMatch(/^DIST_MISSING dist\/staging: got null;/);
  });

  it("knows no stack but those that have settings", async () => {
    expect((await run("dev")).error).toMatchObject({
      message: expect.stringMatching(/^STACK_UNKNOWN stack: got "dev";/),
    });
  });

  it("needs manifests, and the settings that they were made from", async () => {
    project.remove("dist/staging/settings.yaml");
    expect(await codes()).toEqual(["DIST_MISSING dist/staging/settings.yaml"]);
    project.remove("dist/staging");
    expect(await codes()).toEqual(["DIST_MISSING dist/staging", "DIST_MISSING dist/staging/settings.yaml"]);
  });

  it("[PLAT-11] refuses manifests that were made from other settings, and says which", async () => {
    project.edit(STACK_FILE, "keepDays: 7", "keepDays: 8");
    expect(await problems()).toEqual([
      expect.objectContaining({
        code: "DIST_STALE",
        path: "loomworks.backup.keepDays",
        value: 8,
        reason: "dist/staging was made with 7",
      }),
    ]);
  });

  it("refuses a volume that would shrink, by the sentence that synth has for it", async () => {
    project.edit(STACK_FILE, "filestoreVolume: 20Gi", "filestoreVolume: 10Gi");
    expect(await codes()).toEqual(["VOLUME_SHRINKS loomworks.odoo.filestoreVolume"]);
  });

  it("refuses a Secret in dist, an object twice, and what is no object", async () => {
    const object = (kind: string) => `apiVersion: v1\nkind: ${kind}\nmetadata: { name: one, namespace: two }\n`;
    project.write(
      "dist/staging/more.k8s.yaml",
      `${object("Secret")}---\n${object("ConfigMap")}---\n${object("ConfigMap")}---\n- 1\n`,
    );
    expect(await codes()).toEqual([
      "DIST_UNREADABLE dist/staging/more.k8s.yaml",
      "DIST_SECRET dist/staging Secret two/one",
      "DIST_TWICE dist/staging v1 ConfigMap two/one",
    ]);
  });

  it("refuses YAML that can't be read", async () => {
    project.write("dist/staging/more.k8s.yaml", "a: [1");
    expect(await codes()).toEqual(["DIST_UNREADABLE dist/staging/more.k8s.yaml"]);
  });

  it("refuses a kind that no wave knows, instead of guessing when to apply it", async () => {
    project.edit("dist/staging/loomworks.odoo-cron.k8s.yaml", "kind: Deployment", "kind: Rollout");
    expect(await codes()).toEqual(["DIST_KIND Rollout loomworks/odoo-cron"]);
  });

  it("says what is wrong with the stack's file", async () => {
    project.remove(STACK_FILE);
    expect((await problems()).map(({ code }) => code)).toEqual(["STACK_FILE"]);
  });
});

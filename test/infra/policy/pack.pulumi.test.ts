import { join } from "node:path";
import { AppliedStack, PulumiProject, describeWithPulumi } from "../../support/pulumi-cli";

const STACK = "staging";
const MINUTES = 60_000;

/** A preview of an empty state asks no cluster for anything, so none needs to answer. */
const NOWHERE = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "nowhere", cluster: { server: "http://127.0.0.1:9" } }],
  users: [{ name: "nobody", user: { token: "none" } }],
  contexts: [{ name: "nowhere", context: { cluster: "nowhere", user: "nobody" } }],
  "current-context": "nowhere",
});

describeWithPulumi("pulumi preview --policy-pack", () => {
  let project: PulumiProject;
  let stack: AppliedStack;
  let pack: string;

  beforeAll(async () => {
    ({ project, stack } = await PulumiProject.create(STACK, ""));
    project.write("kubeconfig", NOWHERE);
    stack.use(join(project.root, "kubeconfig"));
    pack = join(project.root, "infra", "policy");
  }, 5 * MINUTES);

  afterAll(() => {
    project.end();
  });

  it(
    "has nothing against the program, and runs to its end",
    async () => {
      const { output } = await stack.preview(pack);
      expect(output).toMatch(/✅ loomworks-platform@v\d/);
      expect(output).not.toContain("POLICY_VIOLATED");
      expect(output).not.toContain("can't run policy");
    },
    5 * MINUTES,
  );

  it(
    "refuses what breaks rules, and names each",
    async () => {
      const folder = join("dist", STACK);
      // Without the colon it has no tag.
      project.edit(join(folder, "loomworks.odoo-cron.k8s.yaml"), "docker.io/library/odoo:", "docker.io/library/odoo-");
      project.edit(join(folder, "clones.api.k8s.yaml"), "CLONE_EXPOSE_CREDENTIALS", "CLONE_EXPOSE_PASSWORD");
      const { message } = await stack.preview(pack).then(
        () => new Error("It went through"),
        (error: unknown) => error as Error,
      );
      expect(message).toMatch(/❌ loomworks-platform@v\d[^]*\[mandatory\] {2}versions-are-pinned/);
      expect(message).toMatch(
        /POLICY_VIOLATED staging loomworks\/odoo-cron spec\.template\.spec\.containers\[0\]\.image: got/,
      );
      expect(message).toMatch(
        /POLICY_VIOLATED staging clones\/clone-service spec\.template\S+env\[\d+\]\.value: got "\[in clear\]"/,
      );
      expect(message).not.toContain("stringData");
    },
    5 * MINUTES,
  );
});

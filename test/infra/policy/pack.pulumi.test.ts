import { join } from "node:path";
import { Cluster, describeWithCluster } from "../../cluster";
import { AppliedStack, PulumiProject, whyNoPulumi } from "../../support/pulumi-cli";
import { REPOSITORY } from "../../support/pulumi-project";

const STACK = "staging";
const MINUTES = 60_000;

const unavailable = whyNoPulumi();
if (unavailable === undefined) describeWithCluster("pulumi preview --policy-pack", {}, define);
else skip(unavailable);

function define(cluster: () => Cluster): void {
  let project: PulumiProject;
  let stack: AppliedStack;
  let pack: string;

  beforeAll(async () => {
    await cluster().installCrds([join(REPOSITORY, "constructs", "imports", "crds")]);
    ({ project, stack } = await PulumiProject.create(STACK, cluster().kubeconfig));
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
      project.edit(join(folder, "clones.api.k8s.yaml"), "name: EXPOSE_CREDENTIALS", "name: EXPOSE_PASSWORD");
      const { message } = await stack.preview(pack).then(
        () => new Error("It went through"),
        (error: unknown) => error as Error,
      );
      expect(message).toMatch(/\[mandatory\] {2}loomworks-platform@v\S+ {2}versions-are-pinned/);
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
}

function skip(reason: string): void {
  process.stderr.write(`\nSKIPPED pulumi preview --policy-pack: ${reason}\n\n`);
  describe.skip(`pulumi preview --policy-pack (skipped: ${reason})`, () => {
    define(() => {
      throw new Error("A skipped suite has no cluster");
    });
  });
}

import { parseQuantity } from "../../../constructs/shared/quantity";
import { inWaves } from "../../../infra/waves";
import { loomworksSettings, synthesizeLoomworks } from "../../support/loomworks";
import { HELPERS } from "../../../constructs/settings/footprint";
import { MIGRATION } from "../../../constructs/loomworks/odoo-migration";
import { ODOO_COPY, odooCopyPod } from "../../../constructs/loomworks/odoo-copy";
import { OdooConfig } from "../../../constructs/loomworks/odoo-config";
import { Testing } from "cdk8s";
import { IMAGES } from "../../../constructs/versions";

const manifests = synthesizeLoomworks();
const isMigration = ({ metadata }: { metadata: { name: string } }) => metadata.name.startsWith(`${MIGRATION}-`);
const migrationOf = (from: typeof manifests) => from.all("Job").find(isMigration);
const variables = (container: any): Record<string, string> =>
  Object.fromEntries((container.env ?? []).map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom]));

describe("[LOOM-04] the migration's Job", () => {
  const job = migrationOf(manifests);
  const { initContainers, containers } = job.spec.template.spec;

  it("looks what is to be done, has a backup taken, and then migrates", () => {
    const order = [...initContainers, ...containers].map(({ command }: any) =>
      command.map((it: string) => it.split("/").at(-1)),
    );
    expect(order.slice(-3)).toEqual([
      ["migrate-databases.sh", "plan"],
      ["backup-before-migration.sh"],
      ["migrate-databases.sh", "run"],
    ]);
  });

  it("begins in a wave before the pods that serve, and Pulumi waits for its end", () => {
    const waves = inWaves(manifests.objects);
    expect(waves.data.some(isMigration)).toBe(true);
    expect(waves.apps.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(
      expect.arrayContaining(["Deployment/odoo", "Deployment/odoo-cron"]),
    );
    expect(job.metadata.annotations).toEqual({ "pulumi.com/timeoutSeconds": String(job.spec.activeDeadlineSeconds) });
  });

  it.each(["odoo", "odoo-cron"])("is waited for by the pods of %s, of the same release, before Odoo starts", (name) => {
    const pod = manifests.find("Deployment", name).spec.template.spec;
    const guard = pod.initContainers.find((container: any) => container.name === "await-release");
    expect(variables(guard).RELEASE).toBe(IMAGES.odoo);
    expect(variables(containers[0]).RELEASE).toBe(IMAGES.odoo);
    expect(pod.containers[0].image).toBe(IMAGES.odoo);
  });

  it("is another one when what it runs changes, and the same one when something else does", () => {
    const nameWith = (odoo: object) => migrationOf(synthesizeLoomworks({ odoo })).metadata.name;
    expect(nameWith({ maxReplicas: 5 })).toBe(job.metadata.name);
    expect(nameWith({ firstDatabase: "acme" })).not.toBe(job.metadata.name);
  });

  it("isn't tried again when it refuses, and leaves nothing behind but its log for a day", () => {
    expect(job.spec.podFailurePolicy.rules).toEqual([
      expect.objectContaining({ action: "FailJob", onExitCodes: { operator: "In", values: [2] } }),
    ]);
    expect(job.spec.ttlSecondsAfterFinished).toBe(86_400);
  });

  it("gives the backup's credentials to the backup alone, and lets no volume change its group", () => {
    const readers = [...initContainers, ...containers]
      .filter((container: any) => JSON.stringify(container.env ?? []).includes("postgres-backup-credentials"))
      .map(({ name }: any) => name);
    expect(readers).toEqual(["backup"]);
    expect(job.spec.template.spec.securityContext.fsGroup).toBeUndefined();
  });
});

describe("[LOOM-15] the pods of copies", () => {
  const config = new OdooConfig(Testing.chart(), "Config", loomworksSettings().odoo);
  const settings = loomworksSettings();
  const podFor = (action: "create" | "remove") =>
    odooCopyPod({ action, source: "acme", copy: "acme-test", expiresAt: "2030-01-01T00:00:00Z", config, settings });

  it("ask Odoo how the database is neutralised before they make a copy", () => {
    const { initContainers, containers } = podFor("create").spec!;
    expect(initContainers!.at(-1)).toMatchObject({
      image: IMAGES.odoo,
      command: ["/scripts/copy-database.sh", "neutralization"],
    });
    expect(containers).toMatchObject([
      { name: ODOO_COPY, image: IMAGES.postgres, command: ["/scripts/copy-database.sh"] },
    ]);
  });

  it("see the master password where Odoo reads its file, and nowhere else", () => {
    expect(JSON.stringify(podFor("remove"))).not.toContain("odoo-admin");
    const { containers } = podFor("create").spec!;
    expect(containers[0]!.volumeMounts!.map(({ name }) => name)).not.toContain("conf");
  });
});

describe("[LOOM-16] the quota", () => {
  it.each([
    ["the migration", migrationOf(manifests).spec.template, HELPERS.migration],
    ["the sweep", manifests.podTemplates()["odoo-copy-sweep"], HELPERS.copy],
  ])("has counted %s at its largest container", (_name, { spec }, counted) => {
    const limits = [...spec.initContainers, ...spec.containers].map(({ resources }: any) => resources.limits.memory);
    expect(Math.max(...limits.map(parseQuantity))).toBe(parseQuantity(counted.memoryLimit));
  });
});

import { synthesizeClones } from "../../support/clone-charts";

const cronJob = (overrides: object = {}) => synthesizeClones({ ...overrides }).find("CronJob", "clone-cleaner");
const podOf = (job: any) => job.spec.jobTemplate.spec.template.spec;

describe("[CLONE-08] the cleaner", () => {
  it("runs every five minutes, never twice at once, and never into the next run", () => {
    const { spec } = cronJob();
    expect(spec).toMatchObject({ schedule: "*/5 * * * *", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid" });
    expect(spec.jobTemplate.spec.activeDeadlineSeconds).toBeLessThan(300);
    expect(spec.jobTemplate.spec.backoffLimit).toBe(0);
  });

  it("runs when the stack says", () => {
    expect(cronJob({ cleaner: { schedule: "*/2 * * * *" } }).spec.schedule).toBe("*/2 * * * *");
  });

  it("runs once, from the service's own image, with no shell and no kubectl", () => {
    const images = { registry: "ghcr.io/acme", service: "clone-service:1.2.3" };
    const [container] = podOf(cronJob({ images })).containers;
    expect(container.image).toBe("ghcr.io/acme/clone-service:1.2.3");
    expect(container.command).toEqual(["node", "cleaner.js", "once"]);
  });

  it("[CLONE-10] has a watcher beside it, which ends clones on the second, by the same account and ways", () => {
    const manifests = synthesizeClones();
    const { spec, metadata } = manifests.find("Deployment", "clone-cleaner").spec.template;
    expect(spec.containers[0].command).toEqual(["node", "cleaner.js", "watch"]);
    expect(spec.serviceAccountName).toBe("clone-cleaner");
    expect(metadata.labels).toEqual(manifests.find("CronJob", "clone-cleaner").spec.jobTemplate.metadata.labels);
    const { env } = spec.containers[0];
    expect(env).toEqual([...podOf(cronJob()).containers[0].env, { name: "METRICS_PORT", value: "9090" }]);
  });

  it("gives warm pods back where they are used again", () => {
    const reuse = { service: { warmPool: { reuse: true } } };
    for (const [overrides, value] of [
      [{}, "false"],
      [reuse, "true"],
    ] as const) {
      const [{ env }] = podOf(cronJob(overrides)).containers;
      expect(env).toContainEqual({ name: "WARM_POOL_REUSE", value });
    }
  });

  it("is told where clones live, and where their schemas are", () => {
    const [{ env }] = podOf(cronJob()).containers;
    expect(env[0]).toEqual({ name: "CLONE_NAMESPACES", value: "wordpress-staging,wordpress-production" });
    expect(env.slice(1, 5).map(({ name, valueFrom }: any) => [name, valueFrom.secretKeyRef])).toEqual(
      ["host", "port", "user", "password"].map((key) => [
        `SHARED_DATABASE_${key.toUpperCase()}`,
        { name: "clone-shared-database", key },
      ]),
    );
  });

  it("has the token of its own account, which no other pod gets unasked", () => {
    const manifests = synthesizeClones();
    expect(podOf(cronJob())).toMatchObject({
      serviceAccountName: "clone-cleaner",
      automountServiceAccountToken: true,
    });
    const accounts = manifests.all("ServiceAccount");
    expect(accounts.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      "clones/clone-service",
      "clones/clone-worker",
      "clones/clone-warm-pool",
      "clones/clone-cleaner",
      "clones/clone-redis",
      "clones/clone-schema",
    ]);
    expect(accounts.map((account) => account.automountServiceAccountToken)).toEqual(accounts.map(() => false));
  });
});

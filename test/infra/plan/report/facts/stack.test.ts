import { differencesOf } from "../../../../../infra/plan/report/facts/differences";
import { glanceOf } from "../../../../../infra/plan/report/facts/glance";
import { factsOf } from "../../../../../infra/plan/report/facts/stack";
import { objectsFrom } from "../fixtures/input";
import { PRODUCTION, STAGING } from "../fixtures/loomworks";

const staging = objectsFrom(STAGING);
const production = objectsFrom(PRODUCTION);

describe("the facts of a stack", () => {
  const facts = factsOf(staging);

  it("name the pods of each workload, from the fewest to the most", () => {
    expect(facts.workloads.map(({ name, pods }) => [name, pods])).toEqual([
      ["postgres", { fewest: 1, most: 1, rollout: 1 }],
      ["postgres-backup", { fewest: 0, most: 1, rollout: 1 }],
      ["odoo", { fewest: 2, most: 4, rollout: 5 }],
      ["odoo-cron", { fewest: 1, most: 1, rollout: 1 }],
    ]);
  });

  it("name each volume, where it comes from, and where it is mounted", () => {
    const volumes = facts.workloads.flatMap((workload) => workload.volumes);
    expect(volumes).toContainEqual({ name: "filestore", source: "claim filestore", mountPaths: ["/var/lib/odoo"] });
    expect(volumes).toContainEqual(expect.objectContaining({ name: "data", source: "claim of each pod, 20Gi" }));
  });

  it("say whom a disruption budget protects, by workload", () => {
    expect(facts.budgets[0]?.text).toBe("at least 1 of the pods of odoo stays up during drains and upgrades");
  });

  it("hold every host with its paths, and whether it is encrypted", () => {
    expect(facts.routes.map(({ host, path, service, tls }) => [host, path, service, tls])).toEqual([
      ["*.staging.loomworks.app", "/websocket", "odoo:8072", true],
      ["*.staging.loomworks.app", "/", "odoo:http", true],
    ]);
  });

  it("hold every alert with what it says and when", () => {
    expect(facts.alerts).toEqual([
      expect.objectContaining({ name: "BackupMissing", severity: "critical", lasting: "10m" }),
    ]);
  });
});

describe("the stacks side by side", () => {
  it("mark what differs, and only that", () => {
    const rows = glanceOf([factsOf(staging), factsOf(production)]);
    const row = (topic: string, subject: string) =>
      rows.find((each) => each.topic === topic && each.subject === subject);
    expect(row("Schedules", "postgres-backup")).toMatchObject({
      values: ["every day at 02:00 UTC", "every day at 01:30 UTC"],
      differs: true,
    });
    expect(row("Disruption budgets (PDB)", "odoo")?.differs).toBe(false);
  });

  it("keep their topics together though one stack lacks an object", () => {
    const without = staging.filter(({ metadata }) => metadata.name !== "postgres-backup");
    const rows = glanceOf([factsOf(without), factsOf(production)]);
    const topics = rows.map(({ topic }) => topic);
    expect(topics).toEqual([...new Set(topics)].flatMap((topic) => topics.filter((each) => each === topic)));
    expect(rows.find(({ subject }) => subject === "postgres-backup")?.values[0]).toBeUndefined();
  });

  it("differ field by field, list items by their name", () => {
    const found = differencesOf([staging, production]);
    expect(found.map(({ object }) => object)).toEqual([
      "CronJob loomworks/postgres-backup",
      "HorizontalPodAutoscaler loomworks/odoo",
      "Ingress loomworks/odoo",
      "StatefulSet loomworks/postgres",
    ]);
    expect(found[1]?.fields).toEqual([{ path: "spec.maxReplicas", values: ["4", "10"] }]);
  });

  it("differ as a whole in an object that one of them lacks", () => {
    const lonely = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "only", namespace: "loomworks" } };
    expect(differencesOf([[lonely], []])).toEqual([
      { object: "ConfigMap loomworks/only", present: [true, false], fields: [] },
    ]);
    expect(differencesOf([[lonely], [lonely]])).toEqual([]);
  });
});

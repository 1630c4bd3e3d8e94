import { LOOMWORKS_SECRETS } from "../../../constructs/contract";
import { Cluster, describeWithCluster, KubeObject, listPods } from "../../cluster";
import { completeJobs } from "../../support/completed-jobs";
import { Platform } from "./index";
import { STACK } from "./small-machine";
import { applyInWaves } from "./waves/apply";

const MINUTES = 60_000;

describeWithCluster("The platform, applied in waves", { nodes: 2, own: true }, (cluster: () => Cluster) => {
  const lines: string[] = [];
  const completing = new AbortController();
  let platform: Platform;

  const secret = async (namespace: string, name: string): Promise<KubeObject> =>
    await cluster().client.get({ apiVersion: "v1", kind: "Secret", metadata: { namespace, name } });
  const passwords = async () => {
    const all = await Promise.all(Object.values(LOOMWORKS_SECRETS).map(({ name }) => secret("loomworks", name)));
    return Object.fromEntries(all.map(({ metadata, data }) => [metadata.name, data.password as string]));
  };

  beforeAll(async () => {
    void completeJobs(cluster(), completing.signal);
    platform = await Platform.bringUp(cluster(), { report: (line) => lines.push(line), by: "waves" });
  }, 5 * MINUTES);

  afterAll(async () => {
    completing.abort();
    await platform.end();
  });

  it("[PLAT-11] tells of the waves in their order, and of every setting that is not staging's", () => {
    const waves = lines.flatMap((line) => /^(\w+): \d+ objects ready/.exec(line)?.[1] ?? []);
    expect(waves).toEqual(["namespaces", "credentials", "rules", "data", "apps", "access"]);
    expect(lines.join("\n")).toContain("clones.service.allowPrivateSources: true (");
  });

  it("[LOOM-06] shows no password", async () => {
    const all = Object.values(await passwords()).map((encoded) => Buffer.from(encoded, "base64").toString());
    expect(all).toEqual(all.map(() => expect.stringMatching(/^[A-Za-z0-9]{32}$/)));
    expect(all.filter((password) => lines.join("\n").includes(password))).toEqual([]);
  });

  it("[LOOM-06] gives PostgreSQL the certificate that its Certificate asks for, by an authority of the namespace", async () => {
    const { data, type } = await secret("loomworks", "postgres-tls");
    expect(type).toBe("kubernetes.io/tls");
    expect(data["ca.crt"]).toBe((await secret("loomworks", "postgres-authority")).data["tls.crt"]);
  });

  it("has no container ask for more CPU than a small machine gives it, and leaves its limits", async () => {
    const pods = (await Promise.all(["loomworks", "clones"].map((name) => listPods(cluster().client, name)))).flat();
    const containers = pods.flatMap(({ spec }) => [...spec.containers, ...(spec.initContainers ?? [])]);
    expect(containers.length).toBeGreaterThan(10);
    expect([...new Set(containers.map(({ resources }) => resources.requests.cpu))].sort()).toEqual(["20m", "50m"]);
    expect(containers.find(({ name }) => name === "clone-worker").resources.limits.cpu).toBe("1");
  });

  it(
    "[PLAT-10] changes nothing when it is applied again, neither objects nor passwords",
    async () => {
      const before = await passwords();
      const again = await applyInWaves(cluster().client, STACK, platform.root);
      expect(again.filter(({ outcome }) => outcome !== "unchanged").map(({ name }) => name)).toEqual([]);
      expect(again.length).toBeGreaterThan(150);
      expect(await passwords()).toEqual(before);
    },
    5 * MINUTES,
  );

  it(
    "[LOOM-07] rotates the Secret that is asked for alone, and rolls who reads it from the environment",
    async () => {
      const before = await passwords();
      await platform.rotate(LOOMWORKS_SECRETS.odoo.name);
      const after = await passwords();
      const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
      expect(changed).toEqual([LOOMWORKS_SECRETS.odoo.name]);
      const rolled = await cluster().client.list("apps/v1", "Deployment", "loomworks");
      expect(rolled.filter(({ metadata }) => metadata.generation > 1).map(({ metadata }) => metadata.name)).toEqual([
        "odoo",
        "odoo-cron",
      ]);
    },
    5 * MINUTES,
  );
});

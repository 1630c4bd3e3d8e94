import { CLONE_SERVICE_NAMESPACE, LOOMWORKS_SECRETS, SecretContract } from "../../../constructs/contract";
import { STACKS } from "../../../constructs/settings";
import { describeWithCluster } from "../../cluster";
import { contractSecrets, CRDS, readManifests } from "../../support/dist";

describe.each(STACKS)("dist/%s", (stack) => {
  describeWithCluster("on a real API server", { nodes: 3 }, (cluster) => {
    const manifests = readManifests(stack);

    beforeAll(async () => {
      await cluster().installCrds([CRDS]);
      await cluster().apply(manifests.filter(({ kind }) => kind === "Namespace"));
      await cluster().apply(contractSecrets("loomworks"));
    });

    it("[PLAT-11] is accepted as it is, with strict field validation and every admission plugin", async () => {
      const applied = await cluster().apply(manifests);
      expect(applied).toHaveLength(manifests.length);
    });

    it("[PLAT-11] changes nothing when it is applied again", async () => {
      const applied = await cluster().apply(manifests);
      expect(applied.filter(({ outcome }) => outcome !== "unchanged").map(({ name }) => name)).toEqual([]);
    });

    /** Pod templates as the server has them, by the name of what makes pods of them. */
    async function templates(namespace: string): Promise<Map<string, any>> {
      const [deployments, sets, jobs] = await Promise.all([
        cluster().client.list("apps/v1", "Deployment", namespace),
        cluster().client.list("apps/v1", "StatefulSet", namespace),
        cluster().client.list("batch/v1", "CronJob", namespace),
      ]);
      return new Map([
        ...[...deployments, ...sets].map(({ metadata, spec }) => [metadata.name, spec.template] as const),
        ...jobs.map(({ metadata, spec }) => [metadata.name, spec.jobTemplate.spec.template] as const),
      ]);
    }

    it("[LOOM-06] gives each Secret to the pods alone that its contract names", async () => {
      const pods = await templates("loomworks");
      const readers = (secret: string) =>
        [...pods].filter(([, { spec }]) => JSON.stringify(spec).includes(`"${secret}"`)).map(([name]) => name);
      const contracts: readonly SecretContract[] = Object.values(LOOMWORKS_SECRETS);
      for (const { name, readBy } of contracts) {
        expect([name, readers(name).sort()]).toEqual([name, readBy.filter((reader) => pods.has(reader)).sort()]);
      }
    });

    it("[LOOM-08] gives Odoo its two ports, and PostgreSQL's pod a name", async () => {
      const services = await cluster().client.list("v1", "Service", "loomworks");
      const spec = (name: string) => services.find(({ metadata }) => metadata.name === name)?.spec;
      const ports = (name: string) => spec(name).ports.map(({ port }: { port: number }) => port);
      expect([ports("odoo"), spec("odoo").clusterIP]).toEqual([[8069, 8072], expect.stringMatching(/^\d/)]);
      expect([ports("postgres"), spec("postgres").clusterIP]).toEqual([[5432, 9187], "None"]);
      const set = {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name: "postgres", namespace: "loomworks" },
      };
      expect((await cluster().client.get(set)).spec.serviceName).toBe("postgres");
    });

    it.each([
      ["[LOOM-13]", "loomworks"],
      ["[PLAT-05]", CLONE_SERVICE_NAMESPACE],
    ])("%s lets Prometheus find a Service with that port for each monitor in %s", async (_, namespace) => {
      const services = await cluster().client.list("v1", "Service", namespace);
      const monitors = await cluster().client.list("monitoring.coreos.com/v1", "ServiceMonitor", namespace);
      expect(monitors.length).toBeGreaterThan(2);
      for (const { metadata, spec } of monitors) {
        const wanted = Object.entries(spec.selector.matchLabels);
        const chosen = services.filter(({ metadata: { labels } }) =>
          wanted.every(([key, value]) => labels?.[key] === value),
        );
        const names = chosen.map(({ metadata: { name } }) => name);
        expect([metadata.name, names.length]).toEqual([metadata.name, 1]);
        expect(chosen[0]!.spec.ports.map(({ name }: { name: string }) => name)).toContain(spec.endpoints[0].port);
      }
    });

    it("[PLAT-05] gives Redis no way in from outside, and limits", async () => {
      const services = await cluster().client.list("v1", "Service", CLONE_SERVICE_NAMESPACE);
      expect(services.find(({ metadata }) => metadata.name === "clone-redis")!.spec.type).toBe("ClusterIP");
      const ingresses = await cluster().client.list("networking.k8s.io/v1", "Ingress", CLONE_SERVICE_NAMESPACE);
      expect(JSON.stringify(ingresses.map(({ spec }) => spec))).not.toContain("clone-redis");
      const { containers } = (await templates(CLONE_SERVICE_NAMESPACE)).get("clone-redis").spec;
      for (const { resources } of containers)
        expect(resources.limits).toEqual({ cpu: expect.anything(), memory: expect.anything() });
    });

    it("[LOOM-16] holds a field that the server doesn't know for an error", async () => {
      const [broken] = structuredClone(manifests.filter(({ kind }) => kind === "Deployment")) as [any];
      broken.spec.template.spec.containers[0].livenessProb = {};
      await expect(cluster().apply([broken], { dryRun: true })).rejects.toThrow(/unknown field|livenessProb/);
    });
  });
});

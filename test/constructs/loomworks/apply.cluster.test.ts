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

    it("[LOOM-16] holds a field that the server doesn't know for an error", async () => {
      const [broken] = structuredClone(manifests.filter(({ kind }) => kind === "Deployment")) as [any];
      broken.spec.template.spec.containers[0].livenessProb = {};
      await expect(cluster().apply([broken], { dryRun: true })).rejects.toThrow(/unknown field|livenessProb/);
    });
  });
});

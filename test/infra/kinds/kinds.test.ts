/** The same objects without a server: by the pinned CRDs' schemas, in which CEL rules don't run (kinds.cluster.test.ts). */
import { readdirSync } from "node:fs";
import { checkSchemas } from "../../contract/checks/schemas";
import { AWS_STACKS, planInAws, sentObjects } from "../../support/aws-plans";
import { CRDS as CRD_FOLDER } from "../../support/dist";
import { CHARTS, CRDS } from "../../../constructs/versions";

/** API groups of the pinned CRDs. */
const GROUPS = readdirSync(CRD_FOLDER).map((file) => file.split(".").slice(1, -1).join("."));

/** Each change once: the cluster suite has them for both stacks. */
const CHANGED = AWS_STACKS.filter(([stack]) => stack === "production");

describe("Objects of controllers' kinds", () => {
  it.each(CHANGED)(
    "[PLAT-07] of %s with %s have the fields that their makers declare, and no other",
    async (stack, change) => {
      const sent = sentObjects(await planInAws(stack, change));
      const objects = sent.filter(({ apiVersion }) => GROUPS.includes(apiVersion.split("/")[0]!));
      expect(objects.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(["NodePool", "EC2NodeClass", "Certificate"]),
      );
      expect(checkSchemas(objects)).toEqual([]);
    },
    120_000,
  );

  it("[PLAT-02] are of the release of Karpenter that the charts install", () => {
    expect(CRDS.karpenter.version).toBe(`v${CHARTS.karpenterCrds.version}`);
  });
});

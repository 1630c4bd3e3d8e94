import { readdirSync } from "node:fs";
import { join } from "node:path";
import { STACKS } from "../../../constructs/settings";
import { PARTS } from "../../../infra/delivery/applications";
import { readDist } from "../../../infra/dist";
import { readSettings } from "../../../constructs/settings";
import { plannedAddons } from "../../support/aws-platform";
import type { Planned } from "../../support/planned";

const ROOT = join(__dirname, "../../..");

let plan: Planned;
beforeAll(async () => {
  plan = await plannedAddons();
});

const specOf = (name: string): any => plan.get(name).inputs.spec;
const PROJECT = "applications-loomworks-platform";

describe("[KRO-14] Delivery by Argo CD", () => {
  it("applies the reviewed manifests of the stack, and takes back what was changed by hand", () => {
    for (const [part, include] of Object.entries(PARTS)) {
      expect(specOf(`applications-${part}`)).toMatchObject({
        project: "loomworks-platform",
        source: { path: "dist/staging", targetRevision: "main", directory: { include } },
        syncPolicy: { automated: { prune: true, selfHeal: true } },
      });
      expect(plan.before(`applications-${part}`)).toEqual([PROJECT]);
    }
    expect(plan.before(PROJECT)).toContain("argocd-release");
  });

  it.each(STACKS)("gives every file of dist/%s to one Application, and settings to none", (stack) => {
    const files = readdirSync(join(ROOT, "dist", stack));
    const takers = (file: string) => Object.values(PARTS).filter((glob) => matches(glob, file)).length;
    expect(files.map((file) => [file, takers(file)])).toEqual(
      files.map((file) => [file, file === "settings.yaml" ? 0 : 1]),
    );
  });

  it.each(STACKS)("may make each object of dist/%s, in its namespace, and no Secret", (stack) => {
    const { destinations, clusterResourceWhitelist, namespaceResourceBlacklist } = specOf(PROJECT);
    const namespaces = destinations.map(({ namespace }: any) => namespace);
    const kinds = clusterResourceWhitelist.map(({ group, kind }: any) => `${group}/${kind}`);
    for (const { apiVersion, kind, metadata } of readDist(stack, readSettings(stack, ROOT), ROOT)) {
      const group = apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
      if (metadata.namespace === undefined) expect(kinds).toContain(`${group}/${kind}`);
      else expect(namespaces).toContain(metadata.namespace);
    }
    expect(namespaceResourceBlacklist).toEqual([{ group: "", kind: "Secret" }]);
  });

  it("leaves replicas to the autoscalers", () => {
    expect(specOf("applications-clones").ignoreDifferences).toEqual([
      expect.objectContaining({ kind: "Deployment", jsonPointers: ["/spec/replicas"] }),
    ]);
  });

  it("runs two of what people and hooks call, and no other way to sign in", () => {
    const { server, repoServer, dex, global } = plan.get("argocd-release").inputs.values as any;
    expect([server.replicas, repoServer.replicas]).toEqual([2, 2]);
    expect(dex).toEqual({ enabled: false });
    expect(global.domain).toBe("argocd.platform.example.com");
  });
});

/** A glob of Argo CD, as far as ours go: `{a,b}` and `*`. */
function matches(glob: string, file: string): boolean {
  const pattern = glob
    .replaceAll(".", "\\.")
    .replaceAll("*", ".*")
    .replaceAll(/\{([^}]*)\}/g, (_all, choices: string) => `(${choices.replaceAll(",", "|")})`);
  return new RegExp(`^${pattern}$`).test(file);
}

import { STACKS } from "../../constructs/settings";
import type { Manifest } from "../../infra/dist";
import { inWaves, WaveName, WAVES } from "../../infra/waves";
import { documentsOf } from "../support/pulumi-project";

function object(apiVersion: string, kind: string, name: string, spec?: object): Manifest {
  return { apiVersion, kind, metadata: { name, namespace: "one" }, spec };
}

const workload = (kind: string, name: string) =>
  object("apps/v1", kind, name, { template: { metadata: { labels: { app: name, tier: "any" } } } });
const service = (name: string, selector?: object) => object("v1", "Service", name, { selector });

function waveOf(name: string, manifests: Manifest[]): string[] {
  const holds = (wave: WaveName) => inWaves(manifests)[wave].some((manifest) => manifest.metadata.name === name);
  return (Object.keys(WAVES) as WaveName[]).filter(holds);
}

describe("[PLAT-11] The waves", () => {
  it.each(STACKS)("take every object of %s, once", (stack) => {
    const documents = documentsOf(stack);
    const sorted = Object.values(inWaves(documents)).flat();
    expect(sorted).toHaveLength(documents.length);
    expect(new Set(sorted)).toEqual(new Set(documents));
  });

  it("don't depend on the order of files", () => {
    const documents = documentsOf("staging");
    const names = (manifests: Manifest[]) => manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
    const [forth, back] = [inWaves(documents), inWaves(documents.toReversed())];
    for (const wave of Object.keys(WAVES) as WaveName[]) expect(names(back[wave])).toEqual(names(forth[wave]));
  });

  it("put a Service with the pods that it leads to", () => {
    const manifests = [
      service("db-service", { app: "db" }),
      service("web-service", { app: "web", tier: "any" }),
      workload("StatefulSet", "db"),
      workload("Deployment", "web"),
    ];
    expect(waveOf("db-service", manifests)).toEqual(["data"]);
    expect(waveOf("web-service", manifests)).toEqual(["apps"]);
  });

  it("put a Service that leads to none of them with the apps", () => {
    const elsewhere = { ...workload("StatefulSet", "db"), metadata: { name: "db", namespace: "two" } };
    expect(waveOf("near", [service("near", { app: "db" }), elsewhere])).toEqual(["apps"]);
    expect(waveOf("external", [service("external"), workload("StatefulSet", "db")])).toEqual(["apps"]);
  });

  it("tell groups apart: an Ingress of another group is no Ingress", () => {
    expect(() => inWaves([object("example.com/v1", "Ingress", "other")])).toThrow(/^DIST_KIND Ingress one\/other: got/);
  });

  it("know each kind once", () => {
    const kinds = Object.values(WAVES).flat();
    expect(new Set(kinds).size).toBe(kinds.length);
  });
});

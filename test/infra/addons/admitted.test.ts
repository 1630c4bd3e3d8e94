import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { Planned } from "../../support/planned";
import { plannedAddons } from "../../support/aws-platform";
import { REPOSITORY } from "../../support/pulumi-project";

const host = "pages.example.com";

/** Ingress of each page of operators, as its chart is told to make it. */
function ingressesOf(plan: Planned): any[] {
  const values = (name: string): any => plan.get(name).inputs.values;
  return [values("kube-prometheus-release").grafana.ingress, values("argocd-release").server.ingress];
}

describe("[PLAT-06] The pages of operators", () => {
  it("are reached by nobody through the internet, where no network is named", async () => {
    const plan = await plannedAddons({ grafana: { host, admitted: [] } });
    expect(ingressesOf(plan).map(({ enabled }) => enabled)).toEqual([false, false]);
    expect(plan.all("Middleware")).toEqual([]);
    const { "grafana.ini": ini } = (plan.get("kube-prometheus-release").inputs.values as any).grafana;
    expect(ini.server).toEqual({ root_url: "http://localhost:3000" });
  });

  it("are reached from the named networks alone, by the address that the load balancer saw", async () => {
    const networks = ["203.0.113.0/24", "198.51.100.7/32"];
    const plan = await plannedAddons({ grafana: { host, admitted: networks } });
    const admitted = plan.all("Middleware").map(({ inputs }) => inputs as any);
    expect(admitted.map(({ spec }) => spec)).toEqual(
      Array(2).fill({ ipAllowList: { sourceRange: networks, ipStrategy: { depth: 1 } } }),
    );
    // Traefik asks for `<namespace>-<name>@kubernetescrd`, and serves nothing where there is none of that name.
    expect(ingressesOf(plan).map(({ annotations }) => Object.values(annotations)[1])).toEqual(
      admitted.map(({ metadata: { namespace, name } }) => `${namespace}-${name}@kubernetescrd`),
    );
    expect(plan.before("kube-prometheus-release")).toContain("observability-admitted");
  });

  it("ask for it in words that Traefik's kind knows", () => {
    const crd = parse(readFileSync(join(REPOSITORY, "constructs/imports/crds/middlewares.traefik.io.yaml"), "utf8"));
    const { ipAllowList } = crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties;
    expect(ipAllowList.properties.sourceRange).toMatchObject({ type: "array" });
    expect(ipAllowList.properties.ipStrategy.properties.depth).toMatchObject({ type: "integer" });
  });
});

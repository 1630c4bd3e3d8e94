import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../../../infra/plan/report/kubernetes";
import { networkOf } from "../../../../../infra/plan/report/network/network";
import { portText } from "../../../../../infra/plan/report/network/ports";
import { filesOf, PRODUCTION } from "../fixtures/loomworks";
import { app, policy } from "./build";

const loomworks = Object.values(filesOf(PRODUCTION)).flatMap((text) =>
  parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject),
);

function linesOf(objects: KubernetesObject[]): string[] {
  const network = networkOf(objects);
  const names = new Map([...network.groups, ...network.outside].map(({ id, name }) => [id, name]));
  return network.flows
    .filter(({ unguarded }) => !unguarded)
    .map(({ from, to, ports, named, services }) => {
      const via = [...new Set(services.map(({ service, port }) => ` by ${service}:${port}`))].join("");
      const numbers = [portText(ports), ...named.map(({ name }) => name)].filter(Boolean).join(" · ");
      return `${names.get(from)} → ${names.get(to)}: ${numbers}${via}`;
    });
}

function workload(name: string, ports: object[] = []): KubernetesObject {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name, ports }] } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "shop" }, spec: { template } };
}

describe("[LOOM-12] what talks to what", () => {
  it("is read from policies and Services: every connection, with its ports and the Service before them", () => {
    expect(linesOf(loomworks).sort()).toEqual([
      "odoo → internet: TCP 443",
      "odoo → kube-dns: TCP 53 · UDP 53",
      "odoo → postgres: TCP 5432 by postgres:5432",
      "odoo-cron → kube-dns: TCP 53 · UDP 53",
      "odoo-cron → postgres: TCP 5432 by postgres:5432",
      "postgres → kube-dns: TCP 53 · UDP 53",
      "postgres-backup → kube-dns: TCP 53 · UDP 53",
      "postgres-backup → postgres: TCP 5432 by postgres:5432",
      "prometheus → postgres: TCP 9187",
      "traefik → odoo: TCP 8069–8072 by odoo:80 by odoo:8072",
    ]);
  });

  it("knows which pods a policy holds, and which stand open", () => {
    const guards = networkOf([workload("web"), workload("data"), policy({ ...app("data"), ingress: [{}] })]).groups.map(
      ({ name, guarded }) => [name, guarded],
    );
    expect(guards).toEqual([
      ["web", { ingress: false, egress: false }],
      ["data", { ingress: true, egress: false }],
    ]);
  });

  it("marks what is open only because no policy holds either end", () => {
    const { flows } = networkOf([workload("web")]);
    expect(flows.map(({ unguarded }) => unguarded)).toEqual([true, true, true]);
    expect(flows.map(({ from, to }) => `${from} → ${to}`)).toEqual([
      "Deployment shop/web → Deployment shop/web",
      "anyone → Deployment shop/web",
      "Deployment shop/web → anyone",
    ]);
  });

  it("shows peers that no manifest holds as ends outside, once however many rules name them", () => {
    const rule = { from: [{ namespaceSelector: {}, ...app("scraper") }], ports: [{ port: "metrics" }] };
    const objects = [
      workload("web", [{ name: "metrics", containerPort: 9000 }]),
      policy({ ingress: [rule, { ...rule, ports: [{ port: 80 }] }] }),
    ];
    expect(networkOf(objects).outside.map(({ name, detail }) => [name, detail])).toContainEqual([
      "scraper",
      "pods with app=scraper in any namespace",
    ]);
    expect(linesOf(objects)).toContain("scraper → web: TCP 80, 9000");
  });

  it("shows a peer both as deployed pods and as an end outside where it means more than those", () => {
    const anywhere = policy({ ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 80 }] }] });
    const here = policy({ ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }] });
    expect(linesOf([workload("web"), anywhere])).toEqual(["web → web: TCP 80", "every pod → web: TCP 80"]);
    expect(linesOf([workload("web"), here])).toEqual(["web → web: TCP 80"]);
  });

  it("keeps the name of a port that only the outside end could number", () => {
    const egress = [{ to: [{ namespaceSelector: {}, ...app("mail") }], ports: [{ port: "smtp" }] }];
    expect(linesOf([workload("web"), policy({ policyTypes: ["Egress"], egress })])).toContain("web → mail: smtp");
  });

  it("doesn't count a Service of another namespace, or one without a selector", () => {
    const service = (metadata: object, spec: object) =>
      ({ apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 80 }], ...spec } }) as KubernetesObject;
    const { flows } = networkOf([
      workload("web"),
      service({ name: "other", namespace: "elsewhere" }, { selector: { app: "web" } }),
      service({ name: "manual", namespace: "shop" }, {}),
      service({ name: "web", namespace: "shop" }, { selector: { app: "web" } }),
    ]);
    expect(flows[0]?.services.map(({ service }) => service)).toEqual(["web"]);
  });

  it("names a rule that has no effect, because the other end doesn't admit it", () => {
    const objects = [
      workload("web"),
      workload("data"),
      policy({ ...app("web"), policyTypes: ["Egress"], egress: [{ to: [app("data")], ports: [{ port: 5432 }] }] }),
      policy({ ...app("data"), ingress: [] }),
    ];
    expect(networkOf(objects).oneSided).toEqual([
      {
        from: "Deployment shop/web",
        to: "Deployment shop/data",
        egress: [{ protocol: "TCP", first: 5432, last: 5432 }],
        ingress: [],
      },
    ]);
    expect(networkOf(loomworks).oneSided).toEqual([]);
  });
});

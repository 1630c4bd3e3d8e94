import { Testing } from "cdk8s";
import { IsolatedNamespace } from "../../../constructs/shared/network";

const DNS = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };
const OUTSIDE = { namespace: "traefik", labels: { app: "traefik" } };

function policies(build: (namespace: IsolatedNamespace) => void): Record<string, any> {
  const chart = Testing.chart();
  build(new IsolatedNamespace(chart, "isolation", DNS));
  return Object.fromEntries(Testing.synth(chart).map(({ metadata, spec }) => [metadata.name, spec]));
}

describe("[LOOM-12] an isolated namespace", () => {
  it("admits nothing by itself but questions to DNS", () => {
    const { "default-deny": deny, "allow-dns": dns } = policies(() => undefined);
    expect(deny).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    expect(dns.policyTypes).toEqual(["Egress"]);
    expect(dns.egress[0].ports).toEqual([
      { port: 53, protocol: "TCP" },
      { port: 53, protocol: "UDP" },
    ]);
  });

  it("opens both ends of a connection within it", () => {
    const found = policies((namespace) => namespace.admit({ to: "postgres", from: ["odoo"], ports: [5432] }));
    expect(Object.keys(found)).toEqual([
      "default-deny",
      "allow-dns",
      "allow-to-postgres-5432",
      "allow-odoo-to-postgres",
    ]);
    expect(found["allow-to-postgres-5432"].ingress[0].from[0].podSelector.matchLabels["app.kubernetes.io/name"]).toBe(
      "odoo",
    );
    expect(found["allow-odoo-to-postgres"].egress[0].to[0].podSelector.matchLabels["app.kubernetes.io/name"]).toBe(
      "postgres",
    );
  });

  it("asks for namespace and labels together where a peer lives elsewhere", () => {
    const found = policies((namespace) => namespace.admit({ to: "odoo", from: [OUTSIDE], ports: [8069] }));
    expect(found["allow-to-odoo-8069"].ingress[0].from).toEqual([
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "traefik" } },
        podSelector: { matchLabels: { app: "traefik" } },
      },
    ]);
  });

  it("never means the VPC, the node or the instance metadata when it says internet", () => {
    const { egress } = policies((namespace) => namespace.letOut({ from: "odoo", ports: [443] }))[
      "allow-odoo-to-internet"
    ];
    expect(egress[0].to[0].ipBlock.except).toEqual(
      expect.arrayContaining(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"]),
    );
  });
});

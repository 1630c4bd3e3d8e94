import { matrix } from "../../../../../infra/plan/report/html/matrix";
import type { KubernetesObject } from "../../../../../infra/plan/report/kubernetes";
import { networkOf } from "../../../../../infra/plan/report/network/network";
import { app, policy } from "../network/build";

function workload(name: string): KubernetesObject {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name }] } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "shop" }, spec: { template } };
}

function cellsOf(...policies: KubernetesObject[]): Record<string, string[]> {
  const { text } = matrix(networkOf([workload("web"), workload("data"), ...policies]));
  const rows = [...text.matchAll(/<th scope="row">(.*?)<\/th>(.*?)<\/tr>/gs)];
  return Object.fromEntries(
    rows.map(([, name, cells = ""]) => [name, [...cells.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => cell)]),
  );
}

describe("[LOOM-12] the matrix of who reaches whom", () => {
  const scraper = { namespaceSelector: {}, ...app("scraper") };

  it("says refused between deployed pods alone: of an outside end only that no rule names it", () => {
    const cells = cellsOf(
      policy({ policyTypes: ["Ingress", "Egress"] }),
      policy({ ...app("data"), ingress: [{ from: [scraper], ports: [{ port: 9187 }] }] }),
    );
    expect(cells).toEqual({
      scraper: ["no rule", "TCP 9187"],
      web: ["refused", "refused"],
      data: ["refused", "refused"],
    });
  });

  it("never says that an end is kept out where anyone is let in", () => {
    const cells = cellsOf(
      policy({ policyTypes: ["Ingress", "Egress"] }),
      policy({ ...app("web"), ingress: [{ ports: [{ port: 80 }] }] }),
      policy({ ...app("data"), ingress: [{ from: [scraper], ports: [{ port: 9187 }] }] }),
    );
    expect(cells.scraper).toEqual(["TCP 80, as anyone", "TCP 9187"]);
    expect(cells.anyone).toEqual(["TCP 80", "no rule"]);
  });
});

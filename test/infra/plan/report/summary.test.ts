import type { KubernetesObject } from "../../../../infra/plan/report/kubernetes";
import { reportOf } from "../../../../infra/plan/report/model";
import { summaryOf } from "../../../../infra/plan/report/summary";
import { inputOf } from "./fixtures/input";

function summary(...more: KubernetesObject[]): string {
  const staging = inputOf("staging");
  const files = [...staging.files, { name: "more.k8s.yaml", objects: more }];
  return summaryOf(reportOf([{ ...staging, files }]), "report/index.html", "file:///report/index.html");
}

describe("what npm start says in the end", () => {
  it("counts what it found, says that nobody was asked, and where the report is", () => {
    expect(summary()).toMatch(
      /^staging: 19 objects in 4 charts, 0 planned resources, 10 allowed connections, 1 alert$/m,
    );
    expect(summary()).toContain("neither AWS nor a cluster was contacted");
    expect(summary()).toContain("Report: report/index.html");
  });

  it("names what the report marks: open pods, rules without effect, quotas that are too small", () => {
    expect(summary()).toMatch(/^ {2}! staging: quota loomworks is too small for requests\.cpu/m);
    expect(summary()).not.toMatch(/denied by default|no effect/);
    const metadata = { namespace: "loomworks" };
    const open = { ...metadata, name: "open", namespace: "elsewhere" };
    const policy = {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "odoo-cron" } } }] }],
    };
    const told = summary(
      { apiVersion: "v1", kind: "Pod", metadata: open, spec: { containers: [] } },
      { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { ...metadata, name: "p" }, spec: policy },
      {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { ...metadata, name: "small" },
        spec: { hard: { pods: "1" } },
      },
    );
    expect(told).toContain("! staging: Pod elsewhere/open is not denied by default");
    expect(told).toContain("a rule between Deployment loomworks/odoo and Deployment loomworks/odoo-cron has no effect");
    expect(told).toContain("! staging: quota small is too small for pods at the highest load");
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alertRules } from "../../../constructs/loomworks/alert-rules";
import { loomworksSettings, synthesizeLoomworks } from "../../support/loomworks";

const manifests = synthesizeLoomworks();

describe("[LOOM-09] the Ingress", () => {
  const main = manifests.find("Ingress", "odoo");
  const websocket = manifests.find("Ingress", "odoo-websocket");

  it("serves every subdomain over a wildcard certificate, which one of the two asks for", () => {
    for (const ingress of [main, websocket]) {
      expect(ingress.spec.rules[0].host).toBe("*.loomworks.app");
      expect(ingress.spec.tls).toEqual([{ hosts: ["*.loomworks.app"], secretName: "odoo-wildcard-tls" }]);
      expect(ingress.metadata.annotations["traefik.ingress.kubernetes.io/router.entrypoints"]).toBe("websecure");
    }
    expect(main.metadata.annotations["cert-manager.io/cluster-issuer"]).toBe("letsencrypt");
    expect(websocket.metadata.annotations).not.toHaveProperty("cert-manager.io/cluster-issuer");
  });

  it("sends /websocket and /longpolling to 8072, and the rest to 8069", () => {
    const routes = [main, websocket].flatMap(({ spec }) =>
      spec.rules[0].http.paths.map(({ path, backend }: any) => [path, backend.service.port.name]),
    );
    expect(Object.fromEntries(routes)).toEqual({ "/": "http", "/websocket": "websocket", "/longpolling": "websocket" });
  });

  it("takes bodies of 100 MiB, but doesn't buffer streams", () => {
    expect(manifests.find("Middleware", "odoo-body-limit").spec.buffering.maxRequestBodyBytes).toBe(100 * 1024 * 1024);
    const middlewares = (ingress: any) =>
      ingress.metadata.annotations["traefik.ingress.kubernetes.io/router.middlewares"];
    expect(middlewares(main)).toContain("loomworks-odoo-body-limit@kubernetescrd");
    expect(middlewares(websocket)).not.toContain("odoo-body-limit");
  });

  it("waits a little longer than Odoo does", () => {
    const { responseHeaderTimeout } = manifests.find("ServersTransport", "odoo-transport").spec.forwardingTimeouts;
    expect(parseInt(responseHeaderTimeout, 10)).toBeGreaterThan(
      Number(manifests.find("ConfigMap", "odoo-config").data.ODOO_CONF_LIMIT_TIME_REAL),
    );
    expect(manifests.find("Service", "odoo").metadata.annotations).toEqual({
      "traefik.ingress.kubernetes.io/service.serverstransport": "loomworks-odoo-transport@kubernetescrd",
    });
  });
});

describe("[LOOM-13] monitoring", () => {
  it.each([
    ["postgres", "postgres", 9187],
    ["odoo", "odoo-metrics", 9188],
  ])("finds %s through a Service that leads to its exporter", (monitor, service, port) => {
    const { selector, endpoints } = manifests.find("ServiceMonitor", monitor).spec;
    const found = manifests.find("Service", service);
    expect(found.metadata.labels).toMatchObject(selector.matchLabels);
    expect(found.spec.ports).toContainEqual(expect.objectContaining({ name: endpoints[0].port, port }));
  });

  it("has a dashboard that Grafana can load", () => {
    const { metadata, data } = manifests.find("ConfigMap", "loomworks-dashboard");
    expect(metadata.labels.grafana_dashboard).toBe("1");
    const { panels, uid } = JSON.parse(data["loomworks-loomworks.json"]);
    expect(uid).toBe("loomworks-loomworks");
    expect(panels.every(({ targets }: any) => targets[0].expr.length > 0)).toBe(true);
  });
});

describe("[LOOM-14] the backup", () => {
  const { spec } = manifests.find("CronJob", "postgres-backup");

  it("begins at 02:00 UTC, never overlaps itself, and has an end", () => {
    expect(spec).toMatchObject({ schedule: "0 2 * * *", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid" });
    expect(spec.jobTemplate.spec.activeDeadlineSeconds).toBeGreaterThan(0);
  });

  it("passes the retention on", () => {
    const [container] = synthesizeLoomworks({ backup: { keepCount: 5, keepDays: 9 } }).podTemplates()["postgres-backup"]
      .spec.containers;
    const values = Object.fromEntries(container.env.map(({ name, value }: any) => [name, value]));
    expect(values).toMatchObject({ KEEP_COUNT: "5", KEEP_DAYS: "9", PGHOST: "postgres-0.postgres" });
  });

  it("connects as a role that can do nothing but copy", () => {
    const script = manifests.find("ConfigMap", "postgres-scripts").data["keep-roles.sh"];
    expect(script).toMatch(
      /ensure_role postgres-backup-credentials "LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE"/,
    );
  });
});

describe("[LOOM-15] the restore drill", () => {
  const template = manifests.podTemplates()["postgres-drill"];

  it("runs each week, reads what it proves, and writes to a volume that goes with it", () => {
    expect(manifests.find("CronJob", "postgres-drill").spec).toMatchObject({
      schedule: "0 4 * * 0",
      timeZone: "Etc/UTC",
    });
    const readOnly = template.spec.containers[0].volumeMounts
      .filter((mount: any) => mount.readOnly)
      .map(({ name }: any) => name);
    expect(readOnly).toEqual(["scripts", "backups", "wal-archive"]);
    expect(template.spec.volumes.find(({ name }: any) => name === "scratch")).toHaveProperty("ephemeral");
  });

  it("has no credentials, for it needs none", () => {
    expect(JSON.stringify(template)).not.toMatch(/secretKeyRef|"secret"/);
  });
});

describe("alerts", () => {
  const rules = Object.values(alertRules(loomworksSettings())).flat();
  const expression = (name: string) => rules.find((rule) => rule.name === name)?.expression ?? "";
  const runbook = readFileSync(join(__dirname, "../../../docs/runbook.md"), "utf8");

  it.each(rules.map(({ name }) => name))("%s has a section in the runbook, where its annotation points", (name) => {
    expect(runbook).toContain(`\n### ${name}\n`);
    const written = manifests.find("PrometheusRule", "loomworks").spec.groups.flatMap((group: any) => group.rules);
    expect(written).toContainEqual(
      expect.objectContaining({
        alert: name,
        annotations: expect.objectContaining({ runbook: `docs/runbook.md#${name.toLowerCase()}` }),
      }),
    );
  });

  it("[LOOM-04] tell of a rollout that makes no progress", () => {
    expect(expression("OdooRolloutStuck")).toContain('condition="Progressing", status="false"');
  });

  it("[LOOM-10] tell that the autoscaler is at its maximum", () => {
    expect(expression("OdooAtMaximum")).toContain("kube_horizontalpodautoscaler_spec_max_replicas");
  });

  it("[LOOM-14] tell of a backup that failed, and of one that never ran: two hours after the longest gap of its schedule", () => {
    expect(expression("PostgresBackupFailed")).toContain('job_name=~"postgres-backup-.+"');
    expect(expression("PostgresBackupMissed")).toMatch(/> 93600$/);
    expect(expression("RestoreDrillMissed")).toMatch(new RegExp(`> ${7 * 86400 + 7200}$`));
  });

  it("speak of their own installation alone", () => {
    const other = Object.values(alertRules({ ...loomworksSettings(), namespace: "acme" })).flat();
    expect(other.filter(({ expression: text }) => !text.includes('namespace="acme"'))).toEqual([]);
  });
});

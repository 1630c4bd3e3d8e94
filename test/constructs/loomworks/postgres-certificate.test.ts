import { CONNECTION } from "../../../constructs/loomworks/database-connection";
import { serverNames } from "../../../constructs/loomworks/postgres-certificate";
import { synthesizeLoomworks } from "../../support/loomworks";

const manifests = synthesizeLoomworks();
const certificate = (name: string) => manifests.find("Certificate", name).spec;
const hours = (text: string) => Number(text.replace("h", ""));
const templates = manifests.podTemplates();
const volumesOf = (name: string) =>
  templates[name].spec.volumes.filter((volume: any) => volume.secret?.secretName === "postgres-tls");

describe("[LOOM-12] PostgreSQL's certificate", () => {
  it("names the host that clients ask for, and every shorter or longer name of Service and pod", () => {
    expect(certificate("postgres-tls").dnsNames).toEqual(serverNames("loomworks"));
    expect(serverNames("loomworks")).toEqual(
      expect.arrayContaining([CONNECTION.PGHOST, "postgres", "postgres-0.postgres.loomworks.svc"]),
    );
  });

  it("comes from an authority of the namespace, which keeps its key and outlives what it signs", () => {
    const [authority, server] = [certificate("postgres-authority"), certificate("postgres-tls")];
    expect(server.issuerRef).toEqual({ kind: "Issuer", name: "postgres-authority" });
    expect(manifests.find("Issuer", "postgres-authority").spec).toEqual({ ca: { secretName: authority.secretName } });
    expect(authority).toMatchObject({ isCA: true, privateKey: { rotationPolicy: "Never" } });
    expect(hours(authority.renewBefore)).toBeGreaterThan(hours(server.duration));
  });

  it("is a file that PostgreSQL takes: root's, and at most 0640", () => {
    const [volume] = volumesOf("postgres");
    expect(volume.secret.defaultMode).toBe(0o440);
    expect(templates.postgres.spec.securityContext.fsGroup).toBe(templates.postgres.spec.securityContext.runAsGroup);
  });

  it("keeps its key in PostgreSQL's pod: all others get the authority's certificate alone", () => {
    const others = Object.keys(templates).filter((name) => name !== "postgres");
    const keys = others.flatMap(volumesOf).flatMap(({ secret }) => secret.items.map(({ key }: any) => key));
    expect(keys.length).toBeGreaterThan(2);
    expect(new Set(keys)).toEqual(new Set(["ca.crt"]));
    expect(JSON.stringify(templates)).not.toContain('"secretName":"postgres-authority"');
  });

  it("is asked for by every container that has a password for the network, whichever way it connects", () => {
    const { data } = manifests.find("ConfigMap", "odoo-config");
    expect(data).toMatchObject({ PGSSLMODE: "verify-full", ODOO_CONF_DB_SSLMODE: "verify-full" });
    for (const { spec } of Object.values(templates)) {
      const containers = [...(spec.initContainers ?? []), ...spec.containers];
      for (const { env = [], envFrom = [], volumeMounts } of containers) {
        if (!env.some(({ name }: any) => name === "PGPASSWORD")) continue;
        const mode = env.find(({ name }: any) => name === "PGSSLMODE")?.value;
        expect(mode ?? (envFrom[0]?.configMapRef.name === "odoo-config" && data.PGSSLMODE)).toBe("verify-full");
        expect(volumeMounts.map(({ name }: any) => name)).toContain("postgres-authority");
      }
    }
  });
});

describe("[LOOM-07] a pod of Odoo", () => {
  it.each(["odoo", "odoo-cron"])("of %s waits until PostgreSQL takes its credentials", (name) => {
    const waiting = templates[name].spec.initContainers.find(({ name: own }: any) => own === "await-database");
    expect(waiting.command).toEqual(["/scripts/await-database.sh"]);
    expect(waiting.env).toContainEqual(expect.objectContaining({ name: "PGPASSWORD" }));
    expect(manifests.find("ConfigMap", "odoo-scripts").data).toHaveProperty(["await-database.sh"]);
  });
});

import { synthesizeLoomworks } from "../../support/loomworks";

const manifests = synthesizeLoomworks();
const statefulSet = manifests.find("StatefulSet", "postgres");
const pod = statefulSet.spec.template.spec;
const server = pod.containers.find(({ name }: any) => name === "postgres");
const configuration: string = manifests.find("ConfigMap", "postgres-config").data["postgresql.conf"];

describe("[LOOM-01] PostgreSQL", () => {
  it("is one server, postgres-0, with volumes for data and WAL archive that outlive it", () => {
    expect(statefulSet.spec).toMatchObject({ replicas: 1, serviceName: "postgres" });
    const claims = Object.fromEntries(
      pod.volumes
        .filter((volume: any) => volume.persistentVolumeClaim)
        .map(({ name, persistentVolumeClaim }: any) => [name, persistentVolumeClaim.claimName]),
    );
    expect(claims).toEqual({ data: "postgres-data", "wal-archive": "postgres-wal-archive" });
    expect(manifests.find("PersistentVolumeClaim", "postgres-data").spec.accessModes).toEqual(["ReadWriteOnce"]);
  });

  it("has the documents' limits", () => {
    expect(server.resources.limits).toEqual({ cpu: "2000m", memory: "4Gi" });
  });

  it("keeps its archive and its backups on the shared class, which outlives the database's zone", () => {
    for (const name of ["postgres-wal-archive", "postgres-backups"]) {
      expect(manifests.find("PersistentVolumeClaim", name).spec).toMatchObject({
        storageClassName: "efs",
        accessModes: ["ReadWriteMany"],
      });
    }
  });

  it("[LOOM-15] has the commands that its configuration names, and that a restore writes into it, where they are called", () => {
    const { name } = pod.volumes.find(({ configMap }: any) => configMap?.name === "postgres-scripts");
    expect(server.volumeMounts).toContainEqual(expect.objectContaining({ name, mountPath: "/scripts" }));
    const scripts = Object.keys(manifests.find("ConfigMap", "postgres-scripts").data);
    expect(scripts).toEqual(expect.arrayContaining(["archive-wal.sh", "restore-wal.sh", "probe.sh"]));
  });

  it("archives what it has at least every minute, with checksums on its pages", () => {
    expect(configuration).toContain("archive_mode = on\n");
    expect(configuration).toContain("archive_timeout = 60\n");
    expect(configuration).toContain(`archive_command = '/scripts/archive-wal.sh "%p" "%f"'\n`);
    expect(server.env).toContainEqual(
      expect.objectContaining({ name: "POSTGRES_INITDB_ARGS", value: expect.stringContaining("--data-checksums") }),
    );
  });

  it("sizes its caches by its memory limit", () => {
    expect(configuration).toContain("shared_buffers = 1GB\n");
    expect(configuration).toContain("effective_cache_size = 2560MB\n");
    const large = synthesizeLoomworks({ postgres: { resources: { memoryLimit: "6Gi" } } });
    expect(large.find("ConfigMap", "postgres-config").data["postgresql.conf"]).toContain("shared_buffers = 1536MB\n");
  });

  it("isn't moved by Karpenter to save money", () => {
    expect(statefulSet.spec.template.metadata.annotations).toMatchObject({ "karpenter.sh/do-not-disrupt": "true" });
  });

  it("keeps off nodes that AWS takes back, and takes those that say nothing, unless its settings allow them", () => {
    const terms = (spec: any) =>
      spec.affinity?.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
    const offSpot = { key: "karpenter.sh/capacity-type", operator: "NotIn", values: ["spot"] };
    expect(terms(pod)).toEqual([{ matchExpressions: [offSpot] }]);
    const allowed = synthesizeLoomworks({ postgres: { spot: true } }).find("StatefulSet", "postgres");
    expect(terms(allowed.spec.template.spec)).toBeUndefined();
  });
});

describe("[LOOM-02] PostgreSQL's probes", () => {
  const seconds = ({ periodSeconds, failureThreshold }: any) => periodSeconds * failureThreshold;

  it("ask whether it is alive to restart it, and whether it is ready to take it out of the Service", () => {
    expect(server.startupProbe.exec.command).toEqual(["/scripts/probe.sh", "alive"]);
    expect(server.livenessProbe.exec.command).toEqual(["/scripts/probe.sh", "alive"]);
    expect(server.readinessProbe.exec.command).toEqual(["/scripts/probe.sh", "ready"]);
  });

  it("give it ten minutes to answer at all, and as long to answer again as to end", () => {
    expect(seconds(server.startupProbe)).toBe(600);
    expect(seconds(server.livenessProbe)).toBe(pod.terminationGracePeriodSeconds);
  });

  it("run where the data is, of which they read what a server is about that takes nobody", () => {
    const { value } = server.env.find(({ name }: any) => name === "PGDATA");
    expect(server.volumeMounts.some(({ mountPath }: any) => value.startsWith(`${mountPath}/`))).toBe(true);
    expect(server.volumeMounts).toContainEqual({ name: "socket", mountPath: "/var/run/postgresql" });
  });

  it("read English: its answers don't follow the image's language", () => {
    expect(configuration).toContain("lc_messages = C\n");
  });
});

describe("[LOOM-08] the PostgreSQL Service", () => {
  it("is headless, so that postgres-0.postgres resolves to the pod", () => {
    const { spec } = manifests.find("Service", "postgres");
    expect(spec.clusterIP).toBe("None");
    expect(spec.selector).toEqual(statefulSet.spec.selector.matchLabels);
    expect(spec.ports.map(({ port }: any) => port)).toEqual([5432, 9187]);
  });
});

describe("[LOOM-12] who may connect to PostgreSQL", () => {
  it("is said by role, with SCRAM for everybody who comes over the network", () => {
    const lines = manifests.find("ConfigMap", "postgres-config").data["pg_hba.conf"].split("\n");
    const overNetwork = lines.filter((line: string) => line.startsWith("host"));
    expect(overNetwork.map((line: string) => line.split(/\s+/)[2])).toEqual(["backup", "+odoo"]);
    expect(overNetwork.every((line: string) => line.endsWith("scram-sha-256"))).toBe(true);
  });

  it("is the exporter without a password, by the user that its container runs as", () => {
    const exporter = pod.containers.find(({ name }: any) => name === "exporter");
    // `nobody` of the Debian image.
    expect(exporter.securityContext.runAsUser).toBe(65534);
    expect(manifests.find("ConfigMap", "postgres-config").data["pg_ident.conf"]).toMatch(
      /^exporter +nobody +exporter$/m,
    );
    expect(configuration).toContain("ident_file = '/etc/postgresql/pg_ident.conf'\n");
    expect(exporter.volumeMounts).toEqual([{ name: "socket", mountPath: "/var/run/postgresql", readOnly: true }]);
    expect(exporter.env).toEqual([
      { name: "DATA_SOURCE_NAME", value: expect.stringContaining("host=/var/run/postgresql user=exporter") },
    ]);
  });
});

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
});

describe("[LOOM-02] PostgreSQL's probes", () => {
  it("restart it when it doesn't answer, and take it out of the Service when it takes no connections", () => {
    expect(server.startupProbe.exec.command).toEqual(["/scripts/probe.sh", "alive"]);
    expect(server.livenessProbe.exec.command).toEqual(["/scripts/probe.sh", "alive"]);
    expect(server.readinessProbe.exec.command).toEqual(["/scripts/probe.sh", "ready"]);
  });

  it("wait for longer than the probe itself may take", () => {
    // probe.sh gives the server three seconds.
    for (const probe of [server.startupProbe, server.livenessProbe, server.readinessProbe]) {
      expect(probe.timeoutSeconds).toBeGreaterThan(3);
    }
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
    expect(overNetwork.map((line: string) => line.split(/\s+/)[2])).toEqual(["exporter", "backup", "odoo"]);
    expect(overNetwork.every((line: string) => line.endsWith("scram-sha-256"))).toBe(true);
  });
});

import { Testing } from "cdk8s";
import { RestoredCopy, RestoreInPlace, SharedVolumes } from "../../../constructs/loomworks/restore";
import { objectionsTo } from "../../support/pod-security";
import { loomworksSettings, Manifests } from "../../support/loomworks";

const settings = loomworksSettings({ postgres: { dataVolume: "70Gi" } });
const props = { name: "postgres-restore-x", namespace: "loomworks", settings, options: ["--latest"] };
const copy = new Manifests(Testing.synth(new RestoredCopy(Testing.app(), "copy", props)));
const inPlace = new Manifests(Testing.synth(new RestoreInPlace(Testing.app(), "in-place", props)));
const mounts = (pod: any) =>
  Object.fromEntries(
    pod.containers[0].volumeMounts.map(({ name, readOnly = false }: any) => {
      const { persistentVolumeClaim: claim } = pod.volumes.find((volume: any) => volume.name === name);
      return [claim?.claimName ?? name, readOnly];
    }),
  );

describe("[LOOM-15] a restored copy", () => {
  const { spec: job } = copy.find("Job", props.name);
  const { spec: server } = copy.find("Deployment", props.name);

  it("has a volume of its own, as large as the server's", () => {
    const { spec } = copy.find("PersistentVolumeClaim", props.name);
    expect(spec).toMatchObject({ storageClassName: "gp3", resources: { requests: { storage: "70Gi" } } });
  });

  it("reads backups and archive, and can write to neither", () => {
    expect(mounts(job.template.spec)).toMatchObject({
      "postgres-restore-x": false,
      "postgres-backups": true,
      "postgres-wal-archive": true,
    });
    expect(job.template.spec.containers[0].command).toEqual(["/scripts/restore.sh", "--latest"]);
  });

  it("serves from a configuration that never archives, and listens to nobody", () => {
    const { data } = copy.find("ConfigMap", "postgres-restore-x-config");
    expect(data["postgresql.conf"]).toContain("archive_mode = off");
    expect(data["postgresql.conf"]).toContain("listen_addresses = ''");
    expect(Object.keys(mounts(server.template.spec))).not.toContain("postgres-wal-archive");
    expect(copy.all("Service")).toEqual([]);
  });

  it("may neither be reached nor reach anything", () => {
    const { spec } = copy.find("NetworkPolicy", props.name);
    expect(spec.podSelector.matchLabels).toEqual(server.selector.matchLabels);
    expect(spec).toMatchObject({ policyTypes: ["Ingress", "Egress"] });
    expect([spec.ingress, spec.egress]).toEqual([undefined, undefined]);
    // Or the server's own policy would let Odoo in.
    expect(server.template.metadata.labels["app.kubernetes.io/name"]).not.toBe("postgres");
  });

  it("is within Pod Security restricted, and no secret of the installation is in it", () => {
    for (const { metadata, spec } of [job.template, server.template]) {
      expect(objectionsTo({ metadata, spec })).toEqual(new Map());
    }
    expect(JSON.stringify(copy.objects)).not.toMatch(/secretName|secretKeyRef/);
  });

  it("isn't tried again where a further attempt would change nothing", () => {
    expect(job.podFailurePolicy.rules[0]).toMatchObject({ action: "FailJob", onExitCodes: { values: [64] } });
    expect(copy.find("ConfigMap", "postgres-restore-x-scripts").data["restore.sh"]).toContain("exit 64");
  });
});

describe("[LOOM-15] a restore in place", () => {
  it("writes to the server's own volume, and puts aside what is there", () => {
    const { spec } = inPlace.find("Job", props.name).spec.template;
    expect(mounts(spec)).toMatchObject({ "postgres-data": false, "postgres-wal-archive": true });
    expect(spec.containers[0].command).toEqual(["/scripts/restore.sh", "--latest", "--replace"]);
    expect(inPlace.all("PersistentVolumeClaim")).toEqual([]);
  });
});

describe("[LOOM-15] volumes of another namespace", () => {
  const csi = { driver: "efs.csi.aws.com", volumeHandle: "fs-1::fsap-2" };
  const volume = { name: "postgres-restore-x-wal", namespace: "acme", capacity: "50Gi", source: { csi } };
  const shared = new Manifests(Testing.synth(new SharedVolumes(Testing.app(), "volumes", [volume])));

  it("are the same ones, for reading alone, and stay when these are deleted", () => {
    const { spec, metadata } = shared.find("PersistentVolume", "acme-postgres-restore-x-wal");
    expect(metadata.namespace).toBeUndefined();
    expect(spec).toMatchObject({
      csi: { ...csi, readOnly: true },
      accessModes: ["ReadOnlyMany"],
      persistentVolumeReclaimPolicy: "Retain",
      claimRef: { namespace: "acme", name: "postgres-restore-x-wal" },
    });
    expect(shared.find("PersistentVolumeClaim", "postgres-restore-x-wal").spec.volumeName).toBe(
      "acme-postgres-restore-x-wal",
    );
  });

  it("are folders of a node where the original is one, for pods of that node", () => {
    const terms = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["node-0"] }] }];
    const source = { local: { path: "/mnt/wal" }, nodeAffinity: { required: { nodeSelectorTerms: terms } } };
    const folder = new SharedVolumes(Testing.app(), "folders", [{ ...volume, source }]);
    const { spec } = new Manifests(Testing.synth(folder)).find("PersistentVolume", "acme-postgres-restore-x-wal");
    expect(spec).toMatchObject(source);
    expect([spec.csi, spec.nfs]).toEqual([undefined, undefined]);
  });
});

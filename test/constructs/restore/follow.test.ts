import { V1CSIPersistentVolumeSource } from "@kubernetes/client-node";
import { Testing } from "cdk8s";
import { SharedVolumes } from "../../../constructs/loomworks/restore";
import type { Reference, RestoreCluster } from "../../../constructs/restore/cluster";
import { followJob } from "../../../constructs/restore/follow";
import { borrowSources } from "../../../constructs/restore/sources";
import { nextStep, restoredText } from "../../../constructs/restore/text";

const REPORT = {
  event: "restored",
  backup: "20261121T020000Z",
  timeline: 2,
  reachedTime: "2026-11-21T10:00:00.000Z",
  reachedLsn: "0/5000148",
  recoveredAt: "2026-11-22T02:00:00Z",
  seconds: 12,
  aside: "",
};

/** A cluster in which a Job has ended, as its pod's container did. */
function ended(type: "Complete" | "Failed", words: readonly object[]): RestoreCluster {
  const job = { status: { conditions: [{ type, status: "True", message: "BackoffLimitExceeded" }] } };
  const pods = words.map((word, index) => ({
    metadata: { name: `pod-${index}`, creationTimestamp: new Date(index * 1000) },
    status: { containerStatuses: [{ state: { terminated: { message: `${JSON.stringify(word)}\n` } } }] },
  }));
  return {
    job: () => Promise.resolve(job),
    pods: () => Promise.resolve(pods),
    warnings: () => Promise.resolve([]),
  } as unknown as RestoreCluster;
}

const follow = (cluster: RestoreCluster) =>
  followJob(cluster, { namespace: "loomworks", name: "postgres-restore-x", print: () => undefined, remedy: "Do that" });

describe("[LOOM-15] following a restore", () => {
  it("brings the report of the pod that succeeded", async () => {
    const failed = { event: "restore-failed", reason: "the recovery was broken off" };
    const report = await follow(ended("Complete", [failed, REPORT]));
    expect(report).toMatchObject({ backup: REPORT.backup, timeline: 2 });
    expect(restoredText(report)).toBe(
      "Restored from 20261121T020000Z in 12 s: the last commit is of 2026-11-21T10:00:00.000Z, at 0/5000148; its timeline is 2.",
    );
  });

  it("says with whose pod gone that it has nothing to tell", async () => {
    expect(restoredText(await follow(ended("Complete", [])))).toContain("Its pod has gone");
  });

  it("fails with the script's own reason, the last pod's", async () => {
    const words = [
      { event: "restore-failed", reason: "first" },
      { event: "restore-refused", reason: "the archive ends before the time" },
    ];
    await expect(follow(ended("Failed", words))).rejects.toThrow(
      'POSTGRES_RESTORE_FAILED postgres-restore-x: got "loomworks"; the archive ends before the time. Do that.',
    );
  });

  it("fails with Kubernetes' reason where the script told none", async () => {
    await expect(follow(ended("Failed", []))).rejects.toThrow("BackoffLimitExceeded");
  });

  it("names the folder with the old data, and Odoo's replicas, after a restore in place", () => {
    const request = { stack: "staging", options: [], place: { kind: "in-place" }, name: "x", print: false } as const;
    const text = nextStep(request, "loomworks", { ...REPORT, aside: "pgdata.before-20261122T020000Z" }, 2);
    expect(text).toContain("rm -rf /var/lib/postgresql/data/pgdata.before-20261122T020000Z");
    expect(text).toContain("scale deploy/odoo --replicas=2");
  });
});

describe("[LOOM-15] what another namespace reads", () => {
  const csi = { driver: "efs.csi.aws.com", volumeHandle: "fs-1::fsap-2" };
  const cluster = (spec: object): RestoreCluster => {
    const claim = { spec: { volumeName: "pv" } };
    const volume = { spec };
    return {
      find: ({ kind }: Reference) => Promise.resolve(kind === "PersistentVolume" ? volume : claim),
    } as unknown as RestoreCluster;
  };
  const props = { from: "loomworks", to: "acme", name: "postgres-restore-x" };

  it("is the same shared file system, by claims of that namespace", async () => {
    const spec = { csi, accessModes: ["ReadWriteMany"], capacity: { storage: "50Gi" } };
    const { volumes, sources } = await borrowSources(cluster(spec), props);
    expect(sources).toEqual({ backups: "postgres-restore-x-backups", wal: "postgres-restore-x-wal" });
    expect(volumes[0]).toEqual({ name: sources.backups, namespace: "acme", capacity: "50Gi", source: { csi } });
  });

  it("can be rendered as the client answers it", async () => {
    const answered = Object.assign(new V1CSIPersistentVolumeSource(), csi);
    const spec = { csi: answered, accessModes: ["ReadWriteMany"] };
    const { volumes } = await borrowSources(cluster(spec), props);
    const [made] = Testing.synth(new SharedVolumes(Testing.app(), "volumes", volumes));
    expect(made.spec.csi).toEqual({ ...csi, readOnly: true });
  });

  it("may be a folder of a node, and is reached from there alone", async () => {
    const required = {
      nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "Exists" }] }],
    };
    const source = { local: { path: "/mnt/backups" }, nodeAffinity: { required } };
    const { volumes } = await borrowSources(cluster({ ...source, accessModes: ["ReadWriteMany"] }), props);
    expect(volumes[0]?.source).toEqual(source);
  });

  it.each([
    ["of one pod alone", { csi, accessModes: ["ReadWriteOnce"] }],
    ["that two can stand for", { hostPath: { path: "/backups" }, accessModes: ["ReadWriteMany"] }],
  ])("is no volume %s", async (_, spec) => {
    await expect(borrowSources(cluster(spec), props)).rejects.toThrow(
      "POSTGRES_RESTORE_VOLUME loomworks/postgres-backups",
    );
  });
});

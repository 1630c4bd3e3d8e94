import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseQuantity } from "../../constructs/shared/quantity";
import type { ClusterClient, KubeObject } from "./client";
import { NODE_NAME } from "./node/configuration";

const INTERVAL_MILLISECONDS = 200;

/** The scheduler writes the node it chose here, and waits for a volume that this node can reach. */
const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const ZONE = "topology.kubernetes.io/zone";

/** Provisioner of classes whose volumes a person makes. */
const NO_PROVISIONER = "kubernetes.io/no-provisioner";

/** Access modes of storage that one node at a time reaches; such a volume lives in one zone, as a disk of EBS does. */
const ZONAL_MODES = ["ReadWriteOnce", "ReadWriteOncePod"];

/** Where a real node has its volumes. */
export interface NodeVolumes {
  readonly folder: string;
  /** Claims, as `namespace/name`, whose volumes have an end; all others are as large as this machine's disk. */
  readonly sized: readonly string[];
  /** Makes a file system of that size there. */
  readonly mount: (path: string, bytes: number) => void;
}

/**
 * Does what a storage driver's provisioner does: makes a PersistentVolume for each pending claim of any StorageClass
 * that some driver would serve. The real controller then binds the two, and the real scheduler minds the volume's zone.
 */
export class VolumeProvisioner {
  private readonly timer = new AbortController();

  /** @param node without it nobody ever looks into a volume: the nodes are fake */
  constructor(
    private readonly client: ClusterClient,
    private readonly node?: NodeVolumes,
  ) {
    void this.work();
  }

  stop(): void {
    this.timer.abort();
  }

  private async work(): Promise<void> {
    try {
      // Not a watch: a missed event would be a claim that never binds, and this list is short.
      while (!this.timer.signal.aborted) {
        await sleep(INTERVAL_MILLISECONDS, undefined, { signal: this.timer.signal, ref: false });
        // The server may be busy, or just ending.
        await this.provisionAll().catch(() => undefined);
      }
    } catch {
      // Stopped.
    }
  }

  private async provisionAll(): Promise<void> {
    const pending = (await this.client.list("v1", "PersistentVolumeClaim")).filter(
      ({ spec, status }) => spec.volumeName === undefined && status?.phase === "Pending" && spec.storageClassName,
    );
    if (pending.length === 0) return;
    const classes = await this.client.list("storage.k8s.io/v1", "StorageClass");
    for (const claim of pending) {
      const storageClass = classes.find(({ metadata }) => metadata.name === claim.spec.storageClassName);
      if (storageClass?.provisioner === NO_PROVISIONER) continue;
      const selected = claim.metadata.annotations?.[SELECTED_NODE];
      if (storageClass?.volumeBindingMode === "WaitForFirstConsumer" && selected === undefined) continue;
      await this.client.create(await this.volumeFor(claim, selected)).catch(() => undefined);
    }
  }

  private async volumeFor(claim: KubeObject, node: string | undefined): Promise<KubeObject> {
    const { name, namespace, uid } = claim.metadata;
    const { accessModes, resources, storageClassName, volumeMode } = claim.spec;
    return {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `pvc-${uid}` },
      spec: {
        accessModes,
        volumeMode,
        storageClassName,
        capacity: { storage: resources.requests.storage },
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid },
        persistentVolumeReclaimPolicy: "Retain",
        ...this.sourceOf(claim),
        ...(node !== undefined && ZONAL_MODES.includes(accessModes[0]) && { nodeAffinity: await this.zoneOf(node) }),
      },
    };
  }

  private sourceOf({ metadata, spec }: KubeObject): object {
    const uid = String(metadata.uid);
    if (this.node === undefined) return { hostPath: { path: `/var/lib/loomworks-test/${uid}` } };
    const path = join(this.node.folder, uid);
    mkdirSync(path, { recursive: true });
    // The kubelet gives it to the group of the pod that mounts it first, and that one may ask for none.
    chmodSync(path, 0o777);
    if (this.node.sized.includes(`${metadata.namespace ?? ""}/${metadata.name}`)) {
      this.node.mount(path, parseQuantity(spec.resources.requests.storage));
    }
    const onNode = { key: "kubernetes.io/hostname", operator: "In", values: [NODE_NAME] };
    // Not a hostPath: only of this kind does the kubelet give the files to the pod's group.
    return { local: { path }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onNode] }] } } };
  }

  private async zoneOf(name: string): Promise<object | undefined> {
    const node = await this.client.find({ apiVersion: "v1", kind: "Node", metadata: { name } });
    const zone = node?.metadata.labels?.[ZONE];
    if (zone === undefined) return undefined;
    return { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: "In", values: [zone] }] }] } };
  }
}

import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import type { RestoreSources, SharedVolumeProps } from "../loomworks/restore";
import { CLAIMS } from "../settings/volumes";
import { InvalidInputError } from "../shared/problems";
import type { RestoreCluster } from "./cluster";

/** How another namespace reads backups and archive: volumes to be made there, and the claims that they are known by. */
export interface BorrowedSources {
  readonly volumes: readonly SharedVolumeProps[];
  readonly sources: RestoreSources;
}

export interface BorrowProps {
  /** Namespace of the installation. */
  readonly from: string;
  /** Namespace that is to read them. */
  readonly to: string;
  /** Of the restore: what is made is named after it. */
  readonly name: string;
}

/** @throws {InvalidInputError} if a volume isn't there, or can't be mounted twice */
export async function borrowSources(
  cluster: RestoreCluster,
  { from, to, name }: BorrowProps,
): Promise<BorrowedSources> {
  const sources = { backups: `${name}-backups`, wal: `${name}-wal` };
  const volumes = [
    await borrow(cluster, from, CLAIMS.backups, { name: sources.backups, namespace: to }),
    await borrow(cluster, from, CLAIMS.wal, { name: sources.wal, namespace: to }),
  ];
  return { volumes, sources };
}

async function borrow(
  cluster: RestoreCluster,
  from: string,
  claimName: string,
  target: { readonly name: string; readonly namespace: string },
): Promise<SharedVolumeProps> {
  const claim = await cluster.find<V1PersistentVolumeClaim>({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { namespace: from, name: claimName },
  });
  const volumeName = claim?.spec?.volumeName ?? "";
  const volume =
    volumeName === ""
      ? undefined
      : await cluster.find<V1PersistentVolume>({
          apiVersion: "v1",
          kind: "PersistentVolume",
          metadata: { name: volumeName },
        });
  const spec = volume?.spec;
  if ((spec?.csi ?? spec?.nfs ?? spec?.local) === undefined || spec?.accessModes?.includes("ReadWriteMany") !== true) {
    throw new InvalidInputError([
      {
        code: "POSTGRES_RESTORE_VOLUME",
        path: `${from}/${claimName}`,
        value: volumeName,
        reason: "it is no file system that several pods may mount, so another namespace can't read it",
        remedy: "Restore beside the server, and take a dump from there",
      },
    ]);
  }
  // The client answers with instances of its own classes, which no construct renders: a clone is plain.
  const { csi, nfs, local, nodeAffinity } = structuredClone(spec);
  return { ...target, capacity: spec.capacity?.storage ?? "1Gi", source: { csi, nfs, local, nodeAffinity } };
}

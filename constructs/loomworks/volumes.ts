import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "../shared/labels";
import type { LoomworksSettings } from "../settings/loomworks";
import { CLAIMS } from "../settings/volumes";

/**
 * What must outlive every pod. Plain claims rather than the StatefulSet's templates: those can't be changed any more, and
 * a volume has to be able to grow.
 *
 * The archive and the backups lie on the shared class, whose volumes span zones: the end of the database's zone, and of
 * its volume, must not be the end of what restores it.
 */
export class Volumes extends Construct {
  constructor(scope: Construct, id: string, settings: LoomworksSettings) {
    super(scope, id);
    const { storageClass, sharedStorageClass, postgres, odoo, backup } = settings;
    this.createClaim(CLAIMS.data, "postgres", storageClass, "ReadWriteOnce", postgres.dataVolume);
    this.createClaim(CLAIMS.wal, "postgres", sharedStorageClass, "ReadWriteMany", postgres.walVolume);
    this.createClaim(CLAIMS.backups, "postgres-backup", sharedStorageClass, "ReadWriteMany", backup.volume);
    this.createClaim(CLAIMS.filestore, "odoo", sharedStorageClass, "ReadWriteMany", odoo.filestoreVolume);
  }

  private createClaim(name: string, owner: string, storageClassName: string, accessMode: string, size: string): void {
    new k8s.KubePersistentVolumeClaim(this, name, {
      metadata: { name, labels: objectLabels(owner) },
      spec: {
        accessModes: [accessMode],
        storageClassName,
        resources: { requests: { storage: k8s.Quantity.fromString(size) } },
      },
    });
  }
}

/**
 * Where a pod that mounts the volume `backups` says what its runs came to; node_exporter serves it (`backup-exporter.ts`). A
 * folder of that volume, so that it needs none of its own.
 */
export const METRICS_MOUNT: k8s.VolumeMount = { name: "backups", mountPath: "/metrics", subPath: "metrics" };

/** A pod's volume from one of the claims. */
export function claimed(name: string, claimName: string, readOnly?: true): k8s.Volume {
  return { name, persistentVolumeClaim: { claimName, readOnly } };
}

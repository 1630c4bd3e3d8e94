import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, LABELS } from "../component";

export interface StorageClassesArgs {
  /** Of the class for one pod's volume, as the settings name it. */
  readonly block: string;
  /** Of the class for volumes that pods of several zones share. */
  readonly shared: string;
  /** EFS file system of the latter. */
  readonly fileSystemId: pulumi.Input<string>;
}

/** Whom EFS takes every pod for, on each shared volume: nobody of its own, as each has an access point of its own. */
const OWNER = "10001";

/** Classes of volumes that the manifests ask for; what is behind them only the running stack knows. */
export class StorageClasses extends Component {
  readonly nodes: { readonly block: k8s.storage.v1.StorageClass; readonly shared: k8s.storage.v1.StorageClass };

  constructor(name: string, args: StorageClassesArgs, opts: pulumi.ComponentResourceOptions) {
    super("data:StorageClasses", name, opts);
    const { dependsOn } = opts;
    this.nodes = { block: this.createBlock(args, dependsOn), shared: this.createShared(args, dependsOn) };
    this.registerOutputs({ block: args.block, shared: args.shared });
  }

  private createBlock(args: StorageClassesArgs, dependsOn: pulumi.ResourceOptions["dependsOn"]) {
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    return new k8s.storage.v1.StorageClass(
      this.nameOf("block"),
      {
        metadata: { name: args.block, labels: LABELS, annotations },
        provisioner: "ebs.csi.aws.com",
        parameters: { type: "gp3", encrypted: "true", "csi.storage.k8s.io/fstype": "ext4" },
        // A volume lives in one zone: that of its first pod, so the pod is placed before.
        volumeBindingMode: "WaitForFirstConsumer",
        allowVolumeExpansion: true,
        reclaimPolicy: "Delete",
      },
      this.childOptions({ dependsOn }),
    );
  }

  private createShared(args: StorageClassesArgs, dependsOn: pulumi.ResourceOptions["dependsOn"]) {
    return new k8s.storage.v1.StorageClass(
      this.nameOf("shared"),
      {
        metadata: { name: args.shared, labels: LABELS },
        provisioner: "efs.csi.aws.com",
        parameters: {
          provisioningMode: "efs-ap",
          fileSystemId: args.fileSystemId,
          directoryPerms: "700",
          basePath: "/volumes",
          // The same claim finds its folder again, on a new cluster too; so whom EFS takes each pod for must stay the same.
          subPathPattern: "${.PVC.namespace}/${.PVC.name}",
          ensureUniqueDirectory: "false",
          uid: OWNER,
          gid: OWNER,
        },
        // A number alone: the file system has no size, and takes what is written.
        allowVolumeExpansion: true,
        // Whoever deletes a claim by mistake has its files still.
        reclaimPolicy: "Retain",
      },
      this.childOptions({ dependsOn }),
    );
  }
}

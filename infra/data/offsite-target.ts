import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LOOMWORKS_OFFSITE } from "../../constructs/contract";
import { ClusterIdentity, PodIdentity } from "../cluster/pod-identity";
import { Component, LABELS } from "../component";
import type { ObjectStorage } from "./object-storage";

export interface OffsiteTargetArgs {
  readonly cluster: ClusterIdentity;
  readonly region: string;
  readonly storage: ObjectStorage;
  /** Of the installation; it has to be there before. Its objects begin with its name. */
  readonly namespace: string;
}

/**
 * Where an installation copies its backups to (LOOM-14): the ConfigMap of the contract, and a role for the pods that copy. They add and
 * read; to delete, or to lift the bucket's lock, is nobody's in the cluster, so that whoever takes it over takes no backup away.
 */
export class OffsiteTarget extends Component {
  readonly nodes: { readonly configMap: k8s.core.v1.ConfigMap; readonly identity: PodIdentity };

  constructor(name: string, args: OffsiteTargetArgs, opts: pulumi.ComponentResourceOptions) {
    super("data:OffsiteTarget", name, opts);
    const { cluster, namespace, storage } = args;
    const { serviceAccount } = LOOMWORKS_OFFSITE;
    const policies = { copies: storage.statementsForCopies(namespace) };
    const identity = new PodIdentity(
      this.nameOf("identity"),
      { cluster, namespace, serviceAccount, policies },
      this.childOptions(),
    );
    this.nodes = { configMap: this.createConfigMap(args, opts.dependsOn), identity };
    this.registerOutputs({ namespace });
  }

  /** For `dependsOn`: a pod gets its role when it starts, or never. */
  get ready(): readonly pulumi.Resource[] {
    return [this.nodes.configMap, this.nodes.identity.nodes.association];
  }

  private createConfigMap(
    { namespace, region, storage }: OffsiteTargetArgs,
    dependsOn: pulumi.CustomResourceOptions["dependsOn"],
  ): k8s.core.v1.ConfigMap {
    const { name, keys } = LOOMWORKS_OFFSITE;
    return new k8s.core.v1.ConfigMap(
      this.nameOf(name),
      {
        metadata: { name, namespace, labels: LABELS },
        data: {
          [keys.bucket]: storage.backups.bucket,
          [keys.prefix]: namespace,
          [keys.days]: String(storage.backupDays),
          [keys.region]: region,
          [keys.keyArn]: storage.keyArn,
        },
      },
      this.childOptions({ dependsOn }),
    );
  }
}

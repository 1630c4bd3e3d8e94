import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CLONE_PLATFORM } from "../../constructs/contract";
import { Component, LABELS } from "../component";

export interface ClonePlatformArgs {
  /** Namespace of clones; it has to be there before. */
  readonly namespace: string;
  /** Host of the database that clones share, with its port where that isn't 3306. */
  readonly databaseHost: pulumi.Input<string>;
  /** Where dedicated databases are made. @default nowhere: RDS would refuse them */
  readonly databaseSubnetGroup?: pulumi.Input<string>;
  /** @default none */
  readonly databaseSecurityGroup?: pulumi.Input<string>;
}

/** What the stack knows and every clone of a namespace needs: the ConfigMap of the contract, which KRO reads. */
export class ClonePlatform extends Component {
  readonly nodes: { readonly configMap: k8s.core.v1.ConfigMap };

  constructor(name: string, args: ClonePlatformArgs, opts: pulumi.ComponentResourceOptions) {
    super("data:ClonePlatform", name, opts);
    const configMap = this.createConfigMap(args, opts.dependsOn);
    this.nodes = { configMap };
    this.registerOutputs({ namespace: args.namespace });
  }

  private createConfigMap(
    { namespace, databaseHost, databaseSubnetGroup = "", databaseSecurityGroup = "" }: ClonePlatformArgs,
    dependsOn: pulumi.CustomResourceOptions["dependsOn"],
  ): k8s.core.v1.ConfigMap {
    const { name, keys } = CLONE_PLATFORM;
    return new k8s.core.v1.ConfigMap(
      this.nameOf(name),
      {
        metadata: { name, namespace, labels: LABELS },
        data: {
          [keys.databaseHost]: databaseHost,
          [keys.databaseSubnetGroup]: databaseSubnetGroup,
          [keys.databaseSecurityGroup]: databaseSecurityGroup,
        },
      },
      this.childOptions({ dependsOn }),
    );
  }
}

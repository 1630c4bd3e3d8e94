import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import { AckRds, AckRdsArgs } from "./ack-rds";
import { Keda } from "./keda";

/**
 * The controllers that have rights in the clones' namespaces alone: their charts put these there, so the namespaces come before.
 */
export class CloneAddons extends Component {
  constructor(name: string, args: AckRdsArgs, opts: pulumi.ComponentResourceOptions) {
    super("addons:CloneAddons", name, opts);
    const after = this.childOptions({ dependsOn: opts.dependsOn });
    const addons = [new Keda("keda", after), new AckRds("ack-rds", args, after)];
    this.registerOutputs({ addons: addons.length });
  }
}

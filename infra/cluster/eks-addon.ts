import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { EKS_ADDONS } from "../../constructs/versions";

export interface EksAddonArgs {
  readonly clusterName: pulumi.Input<string>;
  readonly addonName: keyof typeof EKS_ADDONS;
  /** Its own settings, by its own schema. @default none */
  readonly configuration?: object;
}

/** An add-on that EKS manages, of the pinned version. What somebody changed by hand is set back: the stack says what it is. */
export function createEksAddon(
  name: string,
  { clusterName, addonName, configuration }: EksAddonArgs,
  opts: pulumi.CustomResourceOptions,
): aws.eks.Addon {
  return new aws.eks.Addon(
    name,
    {
      clusterName,
      addonName,
      addonVersion: EKS_ADDONS[addonName],
      configurationValues: configuration === undefined ? undefined : JSON.stringify(configuration),
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
    },
    opts,
  );
}

import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import { HelmAddon } from "./helm-addon";
import { ONE_AT_A_TIME, resources, RESTRICTED_CONTAINER } from "./values";

const VALUES = {
  reloader: {
    // Those alone that ask for it, by annotation.
    autoReloadAll: false,
    // By an annotation on the pods: a variable of theirs would be a change that the program takes back.
    reloadStrategy: "annotations",
    enableHA: true,
    readOnlyRootFileSystem: true,
    logFormat: "json",
    deployment: {
      replicas: 2,
      containerSecurityContext: RESTRICTED_CONTAINER,
      resources: resources("20m", "64Mi", "256Mi"),
    },
    podDisruptionBudget: { enabled: true, ...ONE_AT_A_TIME },
    podMonitor: { enabled: true },
  },
};

/** Reloader: rolls pods whose Secret or ConfigMap somebody else than the program changed (LOOM-07, decision 23). */
export class Reloader extends HelmAddon {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super(name, { chart: CHARTS.reloader, namespace: "reloader", values: VALUES }, opts);
  }
}

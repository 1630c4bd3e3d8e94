import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartVersion } from "../../constructs/versions";
import { Component, LABELS } from "../component";

export interface HelmAddonArgs {
  readonly chart: ChartVersion;
  /** Namespace of the add-on; made here, so that its Pod Security level is ours. */
  readonly namespace: string;
  /** Chart values; the last word over what an add-on sets by itself. @default the chart's own */
  readonly values?: pulumi.Inputs;
}

/** Seconds until a release whose pods don't become ready has failed, and is rolled back. */
const READY_TIMEOUT_SECONDS = 600;

/** A controller from a pinned chart in a namespace of its own: the base of every add-on. */
export class HelmAddon extends Component {
  readonly namespace: pulumi.Output<string>;
  readonly nodes: { readonly namespace: k8s.core.v1.Namespace; readonly release: k8s.helm.v3.Release };

  constructor(name: string, args: HelmAddonArgs, opts: pulumi.ComponentResourceOptions) {
    super("addons:HelmAddon", name, opts);
    const namespace = this.createNamespace(args.namespace, opts.dependsOn);
    const release = this.createRelease(name, args, namespace);
    this.nodes = { namespace, release };
    this.namespace = namespace.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }

  private createNamespace(name: string, dependsOn: pulumi.CustomResourceOptions["dependsOn"]): k8s.core.v1.Namespace {
    const labels = { ...LABELS, "pod-security.kubernetes.io/enforce": "restricted" };
    const opts = this.childOptions({ dependsOn });
    return new k8s.core.v1.Namespace(this.nameOf("namespace"), { metadata: { name, labels } }, opts);
  }

  private createRelease(name: string, args: HelmAddonArgs, namespace: k8s.core.v1.Namespace): k8s.helm.v3.Release {
    const { chart, repository, version } = args.chart;
    return new k8s.helm.v3.Release(
      this.nameOf("release"),
      {
        // A fixed name: an adopted or restored cluster must find its release again.
        name,
        chart,
        version,
        repositoryOpts: repository === undefined ? undefined : { repo: repository },
        namespace: namespace.metadata.name,
        values: args.values ?? {},
        timeout: READY_TIMEOUT_SECONDS,
        atomic: true,
      },
      this.childOptions(),
    );
  }
}

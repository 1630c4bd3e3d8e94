import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartVersion } from "../../constructs/versions";
import type { Statement } from "../cluster/policy";
import { ClusterIdentity, PodIdentity } from "../cluster/pod-identity";
import { Component, LABELS } from "../component";

/** What an add-on's pods may do at AWS. */
export interface AddonIdentity {
  readonly cluster: ClusterIdentity;
  /** Name that the chart gives their ServiceAccount. */
  readonly serviceAccount: string;
  /** By name of a policy, its statements. */
  readonly policies: Readonly<Record<string, readonly Statement[]>>;
}

export interface HelmAddonArgs {
  readonly chart: ChartVersion;
  /** Namespace of the add-on; made here, so that its Pod Security level is ours. */
  readonly namespace: string;
  /** That namespace, where it is made elsewhere, for several add-ons. @default it is made here */
  readonly within?: k8s.core.v1.Namespace;
  /** Pod Security level of a namespace that is made here. @default "restricted" */
  readonly podSecurity?: PodSecurity;
  /** @default none: its pods are nobody to AWS */
  readonly identity?: AddonIdentity;
  /** Chart values; the last word over what an add-on sets by itself. @default the chart's own */
  readonly values?: pulumi.Inputs;
}

/** From the Pod Security Standards: "restricted" keeps pods from root and host, "privileged" from nothing. */
export type PodSecurity = "restricted" | "privileged";

const DEFAULTS = { podSecurity: "restricted" } as const;

/** Seconds until a release whose pods don't become ready has failed, and is rolled back. */
const READY_TIMEOUT_SECONDS = 600;

/** A controller from a pinned chart in a namespace of its own: the base of every add-on. */
export class HelmAddon extends Component {
  readonly namespace: pulumi.Output<string>;
  readonly nodes: {
    readonly namespace: k8s.core.v1.Namespace;
    readonly release: k8s.helm.v3.Release;
    readonly identity?: PodIdentity;
  };

  constructor(name: string, args: HelmAddonArgs, opts: pulumi.ComponentResourceOptions) {
    super("addons:HelmAddon", name, opts);
    const { dependsOn } = opts;
    const namespace = args.within ?? this.createNamespace(args, dependsOn);
    const identity = this.createIdentity(args);
    const release = this.createRelease(name, args, namespace, readyBefore(dependsOn, identity));
    this.nodes = { namespace, release, ...(identity && { identity }) };
    this.namespace = namespace.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }

  private createNamespace(args: HelmAddonArgs, dependsOn: DependsOn): k8s.core.v1.Namespace {
    const { podSecurity = DEFAULTS.podSecurity } = args;
    const metadata = { name: args.namespace, labels: namespaceLabels(podSecurity) };
    return new k8s.core.v1.Namespace(this.nameOf("namespace"), { metadata }, this.childOptions({ dependsOn }));
  }

  private createIdentity({ namespace, identity }: HelmAddonArgs): PodIdentity | undefined {
    if (identity === undefined) return undefined;
    return new PodIdentity(this.nameOf("identity"), { ...identity, namespace }, this.childOptions());
  }

  private createRelease(
    name: string,
    args: HelmAddonArgs,
    namespace: k8s.core.v1.Namespace,
    dependsOn: DependsOn,
  ): k8s.helm.v3.Release {
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
        // A null takes a part of the chart's own values away; by default the provider drops it.
        allowNullValues: true,
        timeout: READY_TIMEOUT_SECONDS,
        atomic: true,
      },
      this.childOptions({ dependsOn }),
    );
  }
}

type DependsOn = pulumi.CustomResourceOptions["dependsOn"];

/** Of a namespace that the program makes. */
export function namespaceLabels(podSecurity: PodSecurity): Record<string, string> {
  return { ...LABELS, "pod-security.kubernetes.io/enforce": podSecurity };
}

/** A pod gets its role when it starts, or never: the association comes before the release. */
function readyBefore(dependsOn: DependsOn, identity?: PodIdentity): DependsOn {
  if (identity === undefined) return dependsOn;
  return pulumi.output(dependsOn ?? []).apply((before) => [before, identity.nodes.association].flat());
}

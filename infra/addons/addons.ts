import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import type { ClusterIdentity } from "../cluster/pod-identity";
import { Component } from "../component";
import type { DnsZone } from "../network/dns-zone";
import { CertManager } from "./cert-manager";
import { EfsCsi } from "./efs-csi";
import { HelmAddon } from "./helm-addon";
import { LoadBalancerController } from "./load-balancer-controller";
import { MetricsServer } from "./metrics-server";
import { Reloader } from "./reloader";
import { Traefik } from "./traefik";
import { DEFAULT_CERTIFICATE, WildcardCertificate } from "./wildcard-certificate";

export interface AddonsArgs {
  /** `aws`, or that of China or of the US government. */
  readonly partition: string;
  readonly cluster: ClusterIdentity;
  readonly account: string;
  readonly region: string;
  readonly vpcId: pulumi.Input<string>;
  /** Addresses of the VPC: Traefik believes the load balancer's headers, and nobody else's. */
  readonly vpcNetwork: string;
  /** The one load balancer. */
  readonly frontDoor: { readonly hostname: pulumi.Input<string>; readonly targetGroupArn: pulumi.Input<string> };
  /** Domains that certificates are made for. */
  readonly zones: readonly DnsZone[];
  /** Whom Let's Encrypt writes to. */
  readonly contact: string;
  readonly loomworks: { readonly clusterIssuer: string };
  readonly clones: {
    readonly domain: string;
    readonly routing: "host" | "path";
    readonly service: { readonly clusterIssuer: string; readonly tracingEndpoint: string };
  };
  /** File system of shared volumes. */
  readonly fileSystemArn: pulumi.Input<string>;
}

const TRAEFIK_REPLICAS = 2;

/** The controllers that the manifests rely on (PLAT-07), but for KRO, observability, and those that need the clones' namespaces. */
export class Addons extends Component {
  /** What has to be ready before the manifests are applied. */
  readonly ready: readonly pulumi.Resource[];
  /** Ready with the kinds of monitors and rules, which more than these add-ons have. */
  readonly monitoringKinds: k8s.helm.v3.Release;
  readonly nodes: { readonly traefik: Traefik; readonly certManager: CertManager };

  constructor(name: string, args: AddonsArgs, opts: pulumi.ComponentResourceOptions) {
    super("addons:Addons", name, opts);
    const { release } = this.createMonitoringKinds(opts.dependsOn).nodes;
    const after = this.childOptions({ dependsOn: [release] });

    const loadBalancers = this.createLoadBalancerController(args, after);
    const certManager = this.createCertManager(args, after);
    const traefik = this.createTraefik(args, after);
    const others = [
      new EfsCsi("efs-csi", args, after),
      new MetricsServer("metrics-server", after),
      new Reloader("reloader", after),
    ];
    const targets = traefik.bindTo(args.frontDoor.targetGroupArn, [loadBalancers.nodes.release]);
    this.createCertificate(args, [traefik.nodes.release, ...certManager.issuers]);

    const releases = [loadBalancers, certManager, traefik, ...others].map(({ nodes }) => nodes.release);
    this.monitoringKinds = release;
    this.ready = [...releases, targets, ...certManager.issuers];
    this.nodes = { traefik, certManager };
    this.registerOutputs({ addons: releases.length });
  }

  private createMonitoringKinds(dependsOn: pulumi.CustomResourceOptions["dependsOn"]): HelmAddon {
    const args = { chart: CHARTS.prometheusCrds, namespace: "prometheus-crds" };
    return new HelmAddon("prometheus-crds", args, this.childOptions({ dependsOn }));
  }

  private createLoadBalancerController(args: AddonsArgs, opts: pulumi.CustomResourceOptions): LoadBalancerController {
    const { partition, cluster, region, vpcId, frontDoor, clones } = args;
    const makesLoadBalancers = clones.routing === "path";
    const { targetGroupArn } = frontDoor;
    return new LoadBalancerController(
      "load-balancer-controller",
      { partition, cluster, region, vpcId, targetGroupArn, makesLoadBalancers },
      opts,
    );
  }

  private createCertManager(args: AddonsArgs, opts: pulumi.CustomResourceOptions): CertManager {
    const { partition, cluster, region, zones, contact, loomworks, clones } = args;
    const issuers = [loomworks.clusterIssuer, clones.service.clusterIssuer];
    return new CertManager("cert-manager", { partition, cluster, region, zones, contact, issuers }, opts);
  }

  private createTraefik({ vpcNetwork, frontDoor, clones }: AddonsArgs, opts: pulumi.CustomResourceOptions): Traefik {
    return new Traefik(
      "traefik",
      {
        replicas: TRAEFIK_REPLICAS,
        trustedNetwork: vpcNetwork,
        hostname: frontDoor.hostname,
        tracingEndpoint: clones.service.tracingEndpoint,
        defaultCertificate: DEFAULT_CERTIFICATE,
      },
      opts,
    );
  }

  private createCertificate({ clones: { domain, service } }: AddonsArgs, dependsOn: pulumi.Resource[]): void {
    const args = { domain, issuer: service.clusterIssuer };
    new WildcardCertificate("clones-certificate", args, this.childOptions({ dependsOn }));
  }
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { TRAEFIK_HEALTH_PATH, TRAEFIK_PORTS } from "../addons/traefik";
import { Component } from "../component";
import type { DnsZone } from "./dns-zone";
import { WildcardCertificates } from "./wildcard-certificates";

export interface FrontDoorArgs {
  readonly vpcId: pulumi.Input<string>;
  /** Public ones, in two zones at least. */
  readonly subnetIds: pulumi.Input<string>[];
  /** Of the cluster's nodes and pods: gets a rule that lets the load balancer reach Traefik. */
  readonly clusterSecurityGroupId: pulumi.Input<string>;
  /** Domains whose subdomains lead here, each with its zone. */
  readonly zones: readonly [DnsZone, ...DnsZone[]];
  /** Whether AWS refuses to delete the load balancer. */
  readonly protect: boolean;
}

/** A minute more than Odoo's longest request (600 seconds), which sends nothing until it is done. */
export const IDLE_SECONDS = 660;

/** Seconds that a pod which is about to go gets its answers out; as long as Traefik itself waits. */
const DEREGISTRATION_SECONDS = 60;

/** TLS 1.2 and 1.3 with forward secrecy. */
const SSL_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/**
 * One load balancer, one target group, and no rule for any host: Traefik tells them apart (decision 6). Made by the program, so that
 * none is left when the cluster is gone. About $20 a month, and traffic.
 */
export class FrontDoor extends Component {
  readonly hostname: pulumi.Output<string>;
  readonly targetGroupArn: pulumi.Output<string>;
  readonly nodes: { readonly loadBalancer: aws.lb.LoadBalancer; readonly listener: aws.lb.Listener };

  constructor(name: string, args: FrontDoorArgs, opts: pulumi.ComponentResourceOptions) {
    super("network:FrontDoor", name, opts);
    const securityGroup = this.createSecurityGroup(args);
    const loadBalancer = this.createLoadBalancer(args, securityGroup);
    const targetGroup = this.createTargetGroup(args);
    const certificates = new WildcardCertificates(this.nameOf("certificates"), args.zones, this.childOptions());
    this.createRedirect(loadBalancer);
    const listener = this.createListener(loadBalancer, targetGroup, certificates);
    this.createRefusal(listener);
    for (const zone of args.zones) this.createRecord(zone, loadBalancer);
    this.nodes = { loadBalancer, listener };
    this.hostname = loadBalancer.dnsName;
    this.targetGroupArn = targetGroup.arn;
    this.registerOutputs({ hostname: this.hostname });
  }

  private createSecurityGroup({ vpcId, clusterSecurityGroupId }: FrontDoorArgs): aws.ec2.SecurityGroup {
    const description = "The load balancer before Traefik";
    const group = new aws.ec2.SecurityGroup(this.nameOf("security-group"), { vpcId, description }, this.childOptions());
    for (const port of [80, 443]) {
      const rule = { securityGroupId: group.id, cidrIpv4: "0.0.0.0/0", ...tcp(port), description: "From everybody" };
      new aws.vpc.SecurityGroupIngressRule(this.nameOf(`from-internet-${port}`), rule, this.childOptions());
    }
    for (const port of Object.values(TRAEFIK_PORTS)) this.openWay(port, group, clusterSecurityGroupId);
    return group;
  }

  /** Both ends of it: out of the load balancer, and into the cluster. */
  private openWay(port: number, group: aws.ec2.SecurityGroup, cluster: pulumi.Input<string>): void {
    new aws.vpc.SecurityGroupEgressRule(
      this.nameOf(`to-traefik-${port}`),
      { securityGroupId: group.id, referencedSecurityGroupId: cluster, ...tcp(port), description: "To Traefik" },
      this.childOptions(),
    );
    new aws.vpc.SecurityGroupIngressRule(
      this.nameOf(`into-cluster-${port}`),
      {
        securityGroupId: cluster,
        referencedSecurityGroupId: group.id,
        ...tcp(port),
        description: "From the load balancer to Traefik",
      },
      this.childOptions(),
    );
  }

  private createLoadBalancer({ subnetIds, protect }: FrontDoorArgs, group: aws.ec2.SecurityGroup): aws.lb.LoadBalancer {
    return new aws.lb.LoadBalancer(
      this.nameOf("alb"),
      {
        loadBalancerType: "application",
        internal: false,
        subnets: subnetIds,
        securityGroups: [group.id],
        idleTimeout: IDLE_SECONDS,
        // Odoo finds its database by it.
        preserveHostHeader: true,
        // What somebody sends in the name of a proxy is not handed on as if it were true; nor is what no browser sends.
        xffHeaderProcessingMode: "append",
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "defensive",
        // An operator, or AWS, may take a zone out of it that answers badly.
        enableZonalShift: true,
        enableDeletionProtection: protect,
      },
      this.childOptions({ protect }),
    );
  }

  private createTargetGroup({ vpcId }: FrontDoorArgs): aws.lb.TargetGroup {
    return new aws.lb.TargetGroup(
      this.nameOf("traefik"),
      {
        vpcId,
        targetType: "ip",
        // Encrypted up to the pod; the load balancer takes any certificate there, as the VPC answers for who listens.
        protocol: "HTTPS",
        port: TRAEFIK_PORTS.https,
        deregistrationDelay: DEREGISTRATION_SECONDS,
        healthCheck: {
          protocol: "HTTP",
          port: String(TRAEFIK_PORTS.health),
          path: TRAEFIK_HEALTH_PATH,
          matcher: "200",
          interval: 10,
          healthyThreshold: 2,
          unhealthyThreshold: 2,
        },
      },
      this.childOptions(),
    );
  }

  private createRedirect({ arn: loadBalancerArn }: aws.lb.LoadBalancer): void {
    const redirect = { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" };
    const args = { loadBalancerArn, port: 80, protocol: "HTTP", defaultActions: [{ type: "redirect", redirect }] };
    new aws.lb.Listener(this.nameOf("http"), args, this.childOptions());
  }

  private createListener(
    { arn: loadBalancerArn }: aws.lb.LoadBalancer,
    { arn: targetGroupArn }: aws.lb.TargetGroup,
    { arn: certificateArn }: WildcardCertificates,
  ): aws.lb.Listener {
    const defaultActions = [{ type: "forward", targetGroupArn }];
    const args = { loadBalancerArn, port: 443, protocol: "HTTPS", sslPolicy: SSL_POLICY, certificateArn };
    return new aws.lb.Listener(this.nameOf("https"), { ...args, defaultActions }, this.childOptions());
  }

  /**
   * The load balancer appends to X-Forwarded-For and overwrites -Proto and -Port, but hands X-Forwarded-Host on as it came; Traefik
   * believes the load balancer, and Odoo then writes that name into links of mails. No browser sends one.
   */
  private createRefusal({ arn: listenerArn }: aws.lb.Listener): void {
    const fixedResponse = {
      statusCode: "400",
      contentType: "text/plain",
      messageBody: "X-Forwarded-Host is not taken",
    };
    new aws.lb.ListenerRule(
      this.nameOf("forged-host"),
      {
        listenerArn,
        priority: 1,
        conditions: [{ httpHeader: { httpHeaderName: "X-Forwarded-Host", values: ["*"] } }],
        actions: [{ type: "fixed-response", fixedResponse }],
      },
      this.childOptions(),
    );
  }

  private createRecord({ domain, zoneId }: DnsZone, loadBalancer: aws.lb.LoadBalancer): void {
    const alias = { name: loadBalancer.dnsName, zoneId: loadBalancer.zoneId, evaluateTargetHealth: false };
    const args = { zoneId, name: `*.${domain}`, type: "A", aliases: [alias] };
    new aws.route53.Record(this.nameOf(`record-${domain}`), args, this.childOptions());
  }
}

function tcp(port: number) {
  return { ipProtocol: "tcp", fromPort: port, toPort: port };
}

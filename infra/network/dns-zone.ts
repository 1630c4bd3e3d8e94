import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";

export interface DnsZonesArgs {
  /** Domains that the stack answers for; one that is given twice counts once. */
  readonly domains: readonly string[];
  /** Whether Pulumi refuses to delete the zones: made anew, they have other name servers, which the registrar must be told. */
  readonly protect: boolean;
}

/** A domain, and the hosted zone that answers for it. */
export interface DnsZone {
  /** As in `loomworks.app`. */
  readonly domain: string;
  readonly zoneId: pulumi.Output<string>;
}

/**
 * Hosted zones of the stack's domains. Nobody asks them before their name servers stand where the domain was bought, or in the zone
 * above: until then no certificate is made. $0.50 a month each.
 */
export class DnsZones extends Component {
  readonly zones: readonly DnsZone[];
  /** By domain: what its owner enters. */
  readonly nameServers: Readonly<Record<string, pulumi.Output<string[]>>>;

  constructor(name: string, { domains, protect }: DnsZonesArgs, opts: pulumi.ComponentResourceOptions) {
    super("network:DnsZones", name, opts);
    const made = [...new Set(domains)].map((domain) => ({ domain, zone: this.createZone(domain, protect) }));
    this.zones = made.map(({ domain, zone }) => ({ domain, zoneId: zone.zoneId }));
    this.nameServers = Object.fromEntries(made.map(({ domain, zone }) => [domain, zone.nameServers]));
    this.registerOutputs({ nameServers: this.nameServers });
  }

  private createZone(domain: string, protect: boolean): aws.route53.Zone {
    const comment = "Of the platform's program; records of others in it stay";
    return new aws.route53.Zone(this.nameOf(domain), { name: domain, comment }, this.childOptions({ protect }));
  }
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../component";
import type { DnsZone } from "./dns-zone";

/** ACM's certificate for the hosts below several domains, proven by records in their zones, and renewed by AWS. It costs nothing. */
export class WildcardCertificates extends Component {
  /** Of the certificate once it is there: known when each zone's name servers are entered. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, zones: readonly [DnsZone, ...DnsZone[]], opts: pulumi.ComponentResourceOptions) {
    super("network:WildcardCertificates", name, opts);
    const certificate = this.createCertificate(zones);
    const proofs = zones.map((zone) => this.createProof(zone, certificate));
    const validation = new aws.acm.CertificateValidation(
      this.nameOf("validation"),
      { certificateArn: certificate.arn, validationRecordFqdns: proofs.map(({ fqdn }) => fqdn) },
      this.childOptions(),
    );
    this.arn = validation.certificateArn;
    this.registerOutputs({ arn: this.arn });
  }

  private createCertificate([first, ...others]: readonly [DnsZone, ...DnsZone[]]): aws.acm.Certificate {
    const args = {
      domainName: wildcard(first),
      subjectAlternativeNames: others.map(wildcard),
      validationMethod: "DNS",
    };
    // The listener has it in use: the next one is made, and entered, before it goes.
    return new aws.acm.Certificate(this.nameOf("certificate"), args, this.childOptions());
  }

  private createProof(zone: DnsZone, { domainValidationOptions }: aws.acm.Certificate): aws.route53.Record {
    const option = domainValidationOptions.apply((options) => {
      const found = options.find(({ domainName }) => domainName === wildcard(zone));
      if (found === undefined) throw new RangeError(`ACM asks for no proof of ${wildcard(zone)}`);
      return found;
    });
    return new aws.route53.Record(
      this.nameOf(`proof-${zone.domain}`),
      {
        zoneId: zone.zoneId,
        name: option.resourceRecordName,
        type: option.resourceRecordType,
        records: [option.resourceRecordValue],
        ttl: PROOF_TTL_SECONDS,
        // A second stack may prove the same domain by the same record.
        allowOverwrite: true,
      },
      this.childOptions(),
    );
  }
}

/** Seconds; the record stays as it is for years. */
const PROOF_TTL_SECONDS = 300;

function wildcard({ domain }: DnsZone): string {
  return `*.${domain}`;
}

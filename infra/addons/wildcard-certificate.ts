import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PEERS } from "../../constructs/contract";
import { Component, LABELS } from "../component";

export interface WildcardCertificateArgs {
  /** Domain whose subdomains it is for. */
  readonly domain: string;
  /** ClusterIssuer that makes it. */
  readonly issuer: string;
}

/** Name of its Secret, which Traefik shows to whoever asks for a host that brings no certificate. */
export const DEFAULT_CERTIFICATE = "default-certificate";

/** One certificate for all clones: one each would exhaust Let's Encrypt's 50 a week for a domain. */
export class WildcardCertificate extends Component {
  constructor(name: string, { domain, issuer }: WildcardCertificateArgs, opts: pulumi.ComponentResourceOptions) {
    super("addons:WildcardCertificate", name, opts);
    const secretName = DEFAULT_CERTIFICATE;
    const { namespace } = PEERS.ingress;
    new k8s.apiextensions.CustomResource(
      this.nameOf("certificate"),
      {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { name: secretName, namespace, labels: LABELS },
        spec: { secretName, dnsNames: [`*.${domain}`], issuerRef: { kind: "ClusterIssuer", name: issuer } },
      },
      this.childOptions({ dependsOn: opts.dependsOn }),
    );
    this.registerOutputs({ secretName });
  }
}

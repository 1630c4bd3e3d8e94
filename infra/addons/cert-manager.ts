import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import type { Statement } from "../cluster/policy";
import type { ClusterIdentity } from "../cluster/pod-identity";
import { LABELS } from "../component";
import type { DnsZone } from "../network/dns-zone";
import { HelmAddon } from "./helm-addon";
import { ONE_AT_A_TIME, resources } from "./values";

export interface CertManagerArgs {
  readonly partition: string;
  readonly cluster: ClusterIdentity;
  readonly region: string;
  /** Domains that it proves to be ours. */
  readonly zones: readonly DnsZone[];
  /** Names of ClusterIssuers that the manifests ask for. */
  readonly issuers: readonly string[];
  /** Whom Let's Encrypt writes to about a certificate that is about to end. */
  readonly contact: string;
}

const NAME = "cert-manager";

const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

/** Makes and renews certificates, and proves by DNS that the domains are ours: for wildcards, Let's Encrypt takes no other proof. */
export class CertManager extends HelmAddon {
  readonly issuers: readonly k8s.apiextensions.CustomResource[];

  constructor(name: string, args: CertManagerArgs, opts: pulumi.ComponentResourceOptions) {
    const policies = { dns: statements(args) };
    const identity = { cluster: args.cluster, serviceAccount: NAME, policies };
    super(name, { chart: CHARTS.certManager, namespace: NAME, identity, values: VALUES }, opts);
    this.issuers = [...new Set(args.issuers)].map((issuer) => this.createIssuer(issuer, args));
  }

  private createIssuer(name: string, { zones, region, contact }: CertManagerArgs): k8s.apiextensions.CustomResource {
    const solvers = zones.map(({ domain, zoneId }) => ({
      selector: { dnsZones: [domain] },
      // The zone by its id: looking it up would need the right to list all zones of the account.
      dns01: { route53: { region, hostedZoneID: zoneId } },
    }));
    const acme = {
      server: LETS_ENCRYPT,
      email: contact,
      privateKeySecretRef: { name: `${name}-account` },
      solvers,
    };
    return new k8s.apiextensions.CustomResource(
      this.nameOf(name),
      {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: { name, labels: LABELS },
        spec: { acme },
      },
      this.childOptions({ dependsOn: [this.nodes.release] }),
    );
  }
}

const RESOURCES = resources("50m", "128Mi", "512Mi");
const HIGHLY_AVAILABLE = {
  replicaCount: 2,
  podDisruptionBudget: { enabled: true, ...ONE_AT_A_TIME },
  resources: RESOURCES,
};

const VALUES = {
  // With the chart, so that they are of its version; kept when it goes, for with them every certificate would.
  crds: { enabled: true, keep: true },
  ...HIGHLY_AVAILABLE,
  webhook: HIGHLY_AVAILABLE,
  cainjector: HIGHLY_AVAILABLE,
  // Its own namespace, not the system's: so it needs no rights there.
  global: { leaderElection: { namespace: NAME } },
  // What it tells of a certificate carries that one's namespace, by which CertificateExpiresSoon asks.
  prometheus: { enabled: true, servicemonitor: { enabled: true, honorLabels: true } },
};

/** After cert-manager's "Route53": the records of its own proofs, in these zones alone. */
function statements({ partition, zones }: CertManagerArgs): Statement[] {
  const arns = zones.map(({ zoneId }) => pulumi.interpolate`arn:${partition}:route53:::hostedzone/${zoneId}`);
  return [
    // The id of a change is not known before there is one.
    { Sid: "AllowReadingChanges", Action: ["route53:GetChange"], Resource: `arn:${partition}:route53:::change/*` },
    { Sid: "AllowReadingRecords", Action: ["route53:ListResourceRecordSets"], Resource: arns },
    {
      Sid: "AllowProofs",
      Action: ["route53:ChangeResourceRecordSets"],
      Resource: arns,
      Condition: {
        "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"] },
        "ForAllValues:StringLike": {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"],
        },
      },
    },
  ];
}

import { Construct } from "constructs";
import {
  Certificate,
  CertificateSpec,
  CertificateSpecPrivateKeyAlgorithm as Algorithm,
  CertificateSpecPrivateKeyRotationPolicy as KeyRotation,
  CertificateSpecUsages as Usage,
  Issuer,
} from "../imports/cert-manager.io";
import { objectLabels } from "../shared/labels";
import { POSTGRES } from "./postgres";
import { CERTIFICATE } from "./postgres-config";

export interface PostgresCertificateProps {
  readonly namespace: string;
}

const AUTHORITY = "postgres-authority";

const DAY = 24;

/** Lives, in hours. A certificate of the server never outlives the authority's that came with it. */
const AUTHORITY_LIFE = { total: 3650 * DAY, renewedBefore: 365 * DAY } as const;
const SERVER_LIFE = { total: 90 * DAY, renewedBefore: 30 * DAY } as const;

/**
 * The certificate by which clients know PostgreSQL: signed by an authority of this namespace alone, made and renewed by
 * cert-manager. The authority is believed by nobody else, and signs nothing else.
 *
 * The authority keeps its key when it is renewed. Old and new certificate of it then vouch for the same signatures, so
 * clients may have either: nobody has to change at the same moment.
 */
export class PostgresCertificate extends Construct {
  constructor(scope: Construct, id: string, { namespace }: PostgresCertificateProps) {
    super(scope, id);
    const selfSigned = this.createIssuer("SelfSigned", `${AUTHORITY}-self-signed`, { selfSigned: {} });
    this.createCertificate("Authority", AUTHORITY, {
      isCa: true,
      commonName: `PostgreSQL of ${namespace}`,
      ...lasting(AUTHORITY_LIFE),
      privateKey: { algorithm: Algorithm.ECDSA, size: 256, rotationPolicy: KeyRotation.NEVER },
      usages: [Usage.CERT_SIGN, Usage.CRL_SIGN],
      issuerRef: selfSigned,
    });
    const authority = this.createIssuer("Issuer", AUTHORITY, { ca: { secretName: AUTHORITY } });
    this.createCertificate("Server", CERTIFICATE.secret, {
      commonName: POSTGRES.name,
      dnsNames: serverNames(namespace),
      ...lasting(SERVER_LIFE),
      privateKey: { algorithm: Algorithm.ECDSA, size: 256, rotationPolicy: KeyRotation.ALWAYS },
      usages: [Usage.DIGITAL_SIGNATURE, Usage.SERVER_AUTH],
      issuerRef: authority,
    });
  }

  private createIssuer(id: string, name: string, spec: object): CertificateSpec["issuerRef"] {
    new Issuer(this, id, { metadata: { name, labels: objectLabels(POSTGRES.name) }, spec });
    return { kind: "Issuer", name };
  }

  private createCertificate(id: string, secretName: string, spec: Omit<CertificateSpec, "secretName">): void {
    const metadata = { name: secretName, labels: objectLabels(POSTGRES.name) };
    new Certificate(this, id, { metadata, spec: { secretName, ...spec } });
  }
}

function lasting({ total, renewedBefore }: { readonly total: number; readonly renewedBefore: number }) {
  return { duration: `${total}h`, renewBefore: `${renewedBefore}h` };
}

/** Every name of the Service and of its pod, as far as it doesn't depend on the cluster's own domain. */
export function serverNames(namespace: string): string[] {
  const hosts = [POSTGRES.name, `${POSTGRES.name}-0.${POSTGRES.name}`];
  return hosts.flatMap((host) => [host, `${host}.${namespace}`, `${host}.${namespace}.svc`]);
}

/** What cert-manager would make of Certificates whose issuer is in the cluster: a Secret each. */
import type { KubeObject } from "../../cluster";
import { createPair, Pair } from "./openssl";

/** As `find` of a client: the Secret of that name, or nothing. */
export type FindSecret = (namespace: string, name: string) => Promise<KubeObject | undefined>;

/**
 * The Secret of a Certificate, unless it is there, or that of its authority is not yet.
 *
 * @param issuers Issuers of its namespace; one that neither signs itself nor has its authority in a Secret, as ACME, is nobody's here
 */
export async function missingSecret(
  certificate: KubeObject,
  issuers: readonly KubeObject[],
  find: FindSecret,
): Promise<KubeObject | undefined> {
  const { namespace = "default" } = certificate.metadata;
  const { secretName, issuerRef } = certificate.spec;
  if ((await find(namespace, secretName)) !== undefined) return undefined;
  const issuer = issuers.find(({ metadata }) => metadata.name === issuerRef.name && metadata.namespace === namespace);
  if (issuer?.spec.selfSigned !== undefined) {
    const pair = createPair(subjectOf(certificate));
    return secretOf(namespace, secretName, pair, pair.certificate);
  }
  const authority = issuer?.spec.ca && pairOf(await find(namespace, issuer.spec.ca.secretName));
  if (!authority) return undefined;
  return secretOf(namespace, secretName, createPair(subjectOf(certificate), authority), authority.certificate);
}

function subjectOf({ spec }: KubeObject) {
  const { commonName, dnsNames = [], isCA: isAuthority = false } = spec;
  return { commonName: commonName ?? dnsNames[0], dnsNames, isAuthority };
}

function pairOf(secret: KubeObject | undefined): Pair | undefined {
  if (secret === undefined) return undefined;
  const text = (key: string) => Buffer.from(String(secret.data[key]), "base64").toString();
  return { certificate: text("tls.crt"), key: text("tls.key") };
}

function secretOf(namespace: string, name: string, { certificate, key }: Pair, authority: string): KubeObject {
  const encoded = (text: string) => Buffer.from(text).toString("base64");
  const data = { "tls.crt": encoded(certificate), "tls.key": encoded(key), "ca.crt": encoded(authority) };
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type: "kubernetes.io/tls", data };
}

import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KubeObject } from "../../cluster";
import { documentsOf } from "../../support/pulumi-project";
import { missingSecret } from "./certificates";

const objects = documentsOf("staging") as KubeObject[];
const issuers = objects.filter(({ kind }) => kind === "Issuer");
const certificate = (name: string) =>
  objects.find(({ kind, metadata }) => kind === "Certificate" && metadata.name === name)!;

const pem = (secret: KubeObject | undefined, key: string) => Buffer.from(secret!.data[key], "base64").toString();
const nobody = () => Promise.resolve(undefined);

describe("The Secret of a Certificate", () => {
  let authority: KubeObject | undefined;
  let server: KubeObject | undefined;

  beforeAll(async () => {
    authority = await missingSecret(certificate("postgres-authority"), issuers, nobody);
    const find = (_namespace: string, name: string) =>
      Promise.resolve(name === "postgres-authority" ? authority : undefined);
    server = await missingSecret(certificate("postgres-tls"), issuers, find);
  });

  it("[LOOM-06] is one that clients believe: signed by the namespace's authority, for every name that dist asks for", () => {
    const made = new X509Certificate(pem(server, "tls.crt"));
    const signer = new X509Certificate(pem(authority, "tls.crt"));
    expect(made.verify(signer.publicKey)).toBe(true);
    expect(made.ca).toBe(false);
    expect(signer.ca).toBe(true);
    expect(pem(server, "ca.crt")).toBe(pem(authority, "tls.crt"));
    const { dnsNames } = certificate("postgres-tls").spec;
    expect(made.subjectAltName).toBe(dnsNames.map((name: string) => `DNS:${name}`).join(", "));
  });

  it("has the key of its certificate", () => {
    const made = new X509Certificate(pem(server, "tls.crt"));
    expect(made.checkPrivateKey(createPrivateKey(pem(server, "tls.key")))).toBe(true);
  });

  it("waits for its authority's", async () => {
    expect(await missingSecret(certificate("postgres-tls"), issuers, nobody)).toBeUndefined();
  });

  it("is left alone where it is there", async () => {
    const find = () => Promise.resolve(authority);
    expect(await missingSecret(certificate("postgres-authority"), issuers, find)).toBeUndefined();
  });

  it("is not made where only a real authority could sign", async () => {
    const wildcard = { ...certificate("postgres-tls"), spec: { secretName: "x", issuerRef: { name: "letsencrypt" } } };
    expect(await missingSecret(wildcard, issuers, nobody)).toBeUndefined();
  });
});

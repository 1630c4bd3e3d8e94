import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputOf } from "./command";
import { ClusterError, ClusterUnavailableError } from "./errors";

const DAYS = "30";

export const LOCALHOST = "127.0.0.1";

/** Who the API server is where it asks a kubelet. */
export const KUBELET_CLIENT = "kubelet-client";

/** Distinguished names of the self-made authorities and of who they vouch for. */
const EXTENSIONS = (addresses: readonly string[]) => `
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
[server]
basicConstraints = CA:false
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, ${addresses.map((address) => `IP:${address}`).join(", ")}
[peer]
basicConstraints = CA:false
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
[client]
basicConstraints = CA:false
extendedKeyUsage = clientAuth
`;

/** Why certificates can't be made here, if so. */
export function whyNoCertificates(): ClusterUnavailableError | undefined {
  if (outputOf("openssl", ["version"]) !== undefined) return undefined;
  const problem = {
    code: "CLUSTER_OPENSSL_MISSING",
    path: "openssl",
    value: "not on PATH",
    reason: "the API server's certificates are made with it",
    remedy: "Install OpenSSL's command",
  };
  return new ClusterUnavailableError(problem, true);
}

/**
 * Makes in `folder` what an API server and the servers behind it need: `ca`, `serving` (signed by it), `front-proxy-ca`,
 * `front-proxy-client`, `peer` (by which controllers of two processes know each other), `kubelet-client` (by which a real
 * kubelet knows the API server), each as `.crt` and `.key`, and `service-account.key`.
 *
 * @param addresses where the API server answers, besides its usual names
 */
export function createCertificates(folder: string, addresses: readonly string[]): void {
  createFolder(folder, addresses);
  createAuthority(folder, "ca");
  createSigned(folder, "serving", "server", "ca");
  createSigned(folder, "peer", "peer", "ca");
  createAuthority(folder, "front-proxy-ca");
  createSigned(folder, "front-proxy-client", "client", "front-proxy-ca");
  createSigned(folder, KUBELET_CLIENT, "client", "ca");
  createKey(folder, "service-account");
}

/** Makes a folder in which authorities and certificates can be made; servers' answer to these addresses, too. */
export function createFolder(folder: string, addresses: readonly string[] = []): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "openssl.cnf"), EXTENSIONS([LOCALHOST, ...addresses]));
}

export function createAuthority(folder: string, name: string): void {
  createKey(folder, name);
  renewAuthority(folder, name);
}

/** Gives an authority another certificate for the key that it has. */
export function renewAuthority(folder: string, name: string): void {
  const extensions = ["-config", "openssl.cnf", "-extensions", "authority"];
  openssl(folder, "req", "-x509", "-new", "-days", DAYS, "-subj", `/CN=${name}`, ...extensions, ...files(name));
}

/** A key, and a certificate of the authority's for it. */
export function createSigned(
  folder: string,
  name: string,
  extensions: "server" | "peer" | "client",
  authority: string,
): void {
  createKey(folder, name);
  const request = `${name}.csr`;
  openssl(
    folder,
    ...["req", "-new", "-config", "openssl.cnf", "-subj", `/CN=${name}`, "-key", `${name}.key`, "-out", request],
  );
  openssl(
    folder,
    ...["x509", "-req", "-days", DAYS, "-in", request, "-out", `${name}.crt`, "-CA", `${authority}.crt`],
    ...["-CAkey", `${authority}.key`, "-CAcreateserial", "-extfile", "openssl.cnf", "-extensions", extensions],
  );
}

/** Elliptic: a hundred times faster than RSA, and a cluster needs six. */
function createKey(folder: string, name: string): void {
  openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);
}

function files(name: string): string[] {
  return ["-key", `${name}.key`, "-out", `${name}.crt`];
}

function openssl(cwd: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync("openssl", args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  throw new ClusterError({
    code: "CLUSTER_CERTIFICATE",
    path: `openssl ${args[0] ?? ""}`,
    value: status,
    reason: error?.message ?? stderr.trim(),
    remedy: "Check which openssl stands on PATH",
  });
}

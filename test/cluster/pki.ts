import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputOf } from "./command";
import { ClusterError, ClusterUnavailableError } from "./errors";

const DAYS = "30";

/** Distinguished names of the self-made authorities and of who they vouch for. */
const EXTENSIONS = `
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
[server]
basicConstraints = CA:false
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, IP:127.0.0.1, IP:10.96.0.1
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
 * `front-proxy-client`, `peer` (by which controllers of two processes know each other), each as `.crt` and `.key`, and
 * `service-account.key`.
 */
export function createCertificates(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "openssl.cnf"), EXTENSIONS);
  createAuthority(folder, "ca");
  createSigned(folder, "serving", "server", "ca");
  createSigned(folder, "peer", "peer", "ca");
  createAuthority(folder, "front-proxy-ca");
  createSigned(folder, "front-proxy-client", "client", "front-proxy-ca");
  createKey(folder, "service-account");
}

function createAuthority(folder: string, name: string): void {
  createKey(folder, name);
  const extensions = ["-config", "openssl.cnf", "-extensions", "authority"];
  openssl(folder, "req", "-x509", "-new", "-days", DAYS, "-subj", `/CN=${name}`, ...extensions, ...files(name));
}

function createSigned(folder: string, name: string, extensions: "server" | "peer" | "client", authority: string): void {
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

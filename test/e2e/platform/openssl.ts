/** Certificates by openssl: keys go through pipes, and only what is public is ever a file. */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterError } from "../../cluster";

/** In PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export interface Subject {
  readonly commonName: string;
  /** @default none */
  readonly dnsNames?: readonly string[];
  readonly isAuthority: boolean;
}

/** Longer than any test cluster lives. */
const DAYS = "30";

/** A key, and a certificate for it. @param signer @default it signs itself */
export function createPair({ commonName, dnsNames = [], isAuthority }: Subject, signer?: Pair): Pair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const folder = mkdtempSync(join(tmpdir(), "loomworks-certificate-"));
  try {
    writeFileSync(join(folder, "public.pem"), publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(join(folder, "extensions.cnf"), extensions(isAuthority, dnsNames));
    if (signer !== undefined) writeFileSync(join(folder, "authority.crt"), signer.certificate);
    const signed = signer === undefined ? ["-signkey"] : ["-CA", "authority.crt", "-CAkey"];
    const certificate = openssl(folder, signer?.key ?? key, [
      ...["x509", "-new", "-days", DAYS, "-subj", `/CN=${commonName}`, "-force_pubkey", "public.pem"],
      ...["-extfile", "extensions.cnf", ...signed, "/dev/stdin"],
    ]);
    return { certificate, key };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function extensions(isAuthority: boolean, dnsNames: readonly string[]): string {
  const lines = isAuthority
    ? ["basicConstraints = critical, CA:true", "keyUsage = critical, keyCertSign, cRLSign"]
    : ["basicConstraints = CA:false", "keyUsage = critical, digitalSignature", "extendedKeyUsage = serverAuth"];
  const names = dnsNames.map((name) => `DNS:${name}`).join(",");
  return [...lines, ...(names === "" ? [] : [`subjectAltName = ${names}`]), ""].join("\n");
}

/** By a shell's pipe: openssl opens its input by name, which it can't where that is a socket, as Node gives it. */
function openssl(cwd: string, input: string, args: readonly string[]): string {
  const run = spawnSync("sh", ["-c", 'cat | openssl "$@"', "sh", ...args], { cwd, input, encoding: "utf8" });
  if (run.status === 0) return run.stdout;
  throw new ClusterError({
    code: "CLUSTER_CERTIFICATE",
    path: `openssl ${args[0] ?? ""}`,
    value: run.status,
    reason: run.error?.message ?? run.stderr.trim(),
    remedy: "Check which openssl stands on PATH; 3.0 is the oldest that will do",
  });
}

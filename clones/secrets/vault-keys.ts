/** Reads the keys of the vault, and says what is wrong with them without showing any. */
import { createSecretKey, KeyObject } from "node:crypto";
import type { Problem } from "../../constructs/shared/problems";

export interface VaultKey {
  readonly id: string;
  readonly key: KeyObject;
}

const KEY_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** AES-256. */
const KEY_BYTES = 32;

export function readKeys(text: string): { readonly keys: readonly VaultKey[]; readonly problems: readonly Problem[] } {
  const keys: VaultKey[] = [];
  const problems: Problem[] = [];
  for (const [index, entry] of text.split(",").entries()) {
    const [id = "", encoded = "", ...more] = entry.trim().split(":");
    const bytes = Buffer.from(encoded, "base64");
    const reason = reasonAgainst(id, bytes, encoded, more, keys);
    if (reason === undefined) keys.push({ id, key: createSecretKey(bytes) });
    else problems.push(problemOf(index, reason));
  }
  return { keys, problems };
}

function reasonAgainst(
  id: string,
  bytes: Buffer,
  encoded: string,
  more: readonly string[],
  before: readonly VaultKey[],
): string | undefined {
  if (encoded === "" || more.length > 0) return "it isn't <id>:<base64>";
  if (!KEY_ID.test(id)) return "its id isn't made of lower-case letters, digits and hyphens, 32 at most";
  if (before.some((other) => other.id === id)) return `the id ${id} stands there twice`;
  if (!isBase64(bytes, encoded)) return `the key ${id} is no base64`;
  if (bytes.length !== KEY_BYTES) return `the key ${id} has ${bytes.length} bytes, not ${KEY_BYTES}`;
  if (bytes.every((byte) => byte === bytes[0])) return `the key ${id} is one byte again and again`;
  return undefined;
}

/** Node reads what it can and leaves the rest. */
function isBase64(bytes: Buffer, encoded: string): boolean {
  const bare = encoded
    .replace(/={1,2}$/, "")
    .replaceAll("-", "+")
    .replaceAll("_", "/");
  return bytes.toString("base64").replace(/=+$/, "") === bare;
}

function problemOf(index: number, reason: string): Problem {
  return {
    code: "VAULT_KEYS",
    path: `CLONE_VAULT_KEYS[${index}]`,
    value: "(hidden)",
    reason,
    remedy:
      "Give <id>:<key>, several with commas between, the one that seals first; `openssl rand -base64 32` makes one",
  };
}

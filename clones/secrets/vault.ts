/** Seals what sites are reached with, so that table, backups and logs of the database never hold a password. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { assertNoProblems } from "../../constructs/shared/problems";
import { ServiceError } from "../errors";
import { readKeys, VaultKey } from "./vault-keys";

/** How a sealed text is written. Another way would be another version, and this one would still be opened. */
const VERSION = "v1";
const CIPHER = "aes-256-gcm";
/** NIST SP 800-38D: 96 bits of chance serve 2³² messages of one key, and a tag has 128. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface Sealed {
  readonly keyId: string;
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly data: Buffer;
}

/**
 * AES-256-GCM with several keys: the first seals, all of them open. To rotate, put a new one first, and take the old one
 * away when what it sealed is gone: with its job, or its clone.
 */
export class Vault {
  private constructor(private readonly keys: readonly [VaultKey, ...VaultKey[]]) {}

  /**
   * @param text `<id>:<base64 of 32 bytes>`, separated by commas, the one that seals first; ids are lower-case letters,
   *   digits and hyphens, 32 at most
   * @throws {InvalidInputError} VAULT_KEYS, without any key
   */
  static fromText(text: string): Vault {
    const { keys, problems } = readKeys(text);
    assertNoProblems(problems);
    const [first, ...others] = keys;
    if (first === undefined) throw new Error("no keys and no problems");
    return new Vault([first, ...others]);
  }

  /** Which key a sealed text needs; nothing if it's no sealed text. */
  static keyIdOf(sealed: string): string | undefined {
    return parse(sealed)?.keyId;
  }

  /** Id of the key that seals. */
  get keyId(): string {
    return this.keys[0].id;
  }

  /**
   * @param context what it belongs to, a job's id and purpose say: it opens with the same context alone
   * @returns `v1.<key id>.<iv>.<tag>.<data>`, the last three as base64url
   */
  seal(plaintext: string, context: string): string {
    const [{ id, key }] = this.keys;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(boundTo(id, context));
    const data = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
    return format({ keyId: id, iv, tag: cipher.getAuthTag(), data });
  }

  /** @throws {ServiceError} VAULT_UNSEALABLE */
  open(sealed: string, context: string): string {
    const parts = parse(sealed);
    if (parts === undefined) throw unsealable("(unreadable)", "it is no sealed text");
    const { keyId, iv, tag, data } = parts;
    const found = this.keys.find(({ id }) => id === keyId);
    if (found === undefined) throw unsealable(keyId, "no key of this id is configured");
    try {
      const decipher = createDecipheriv(CIPHER, found.key, iv, { authTagLength: TAG_BYTES })
        .setAAD(boundTo(keyId, context))
        .setAuthTag(tag);
      return Buffer.concat([decipher.update(data), decipher.final()]).toString("utf8");
    } catch {
      throw unsealable(keyId, "it was changed, belongs to something else, or the key of this id is another one");
    }
  }
}

function boundTo(keyId: string, context: string): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, context]), "utf8");
}

function format({ keyId, iv, tag, data }: Sealed): string {
  return [VERSION, keyId, ...[iv, tag, data].map((part) => part.toString("base64url"))].join(".");
}

function parse(sealed: string): Sealed | undefined {
  const [version, keyId, ...texts] = sealed.split(".");
  const [iv, tag, data, ...more] = texts.map((part) => Buffer.from(part, "base64url"));
  if (version !== VERSION || keyId === undefined || more.length > 0) return undefined;
  if (iv?.length !== IV_BYTES || tag?.length !== TAG_BYTES || data === undefined) return undefined;
  const parts = { keyId, iv, tag, data };
  // Base64 can say one thing in several ways; only ours is taken.
  return format(parts) === sealed ? parts : undefined;
}

const unsealable = (keyId: string, reason: string) =>
  new ServiceError(500, [
    {
      code: "VAULT_UNSEALABLE",
      path: "vault",
      value: keyId,
      reason: `a sealed text can't be opened: ${reason}`,
      remedy: "Put the key back into CLONE_VAULT_KEYS behind the one that seals, or ask for the job anew",
    },
  ]);

/** Secrets of tenants, each derived from the platform's one, so that none has to be kept. */
import { hkdfSync } from "node:crypto";
import { InvalidInputError } from "../../constructs/shared/problems";

/** Bytes: as many as SHA-256 gives, and Standard Webhooks asks for 24 to 64. */
const KEY_BYTES = 32;

/**
 * A key for one purpose (HKDF, RFC 5869); from it nobody learns another's.
 *
 * @param platformSecret 32 bytes or more
 * @throws {InvalidInputError} PLATFORM_SECRET
 */
export function derivedKey(platformSecret: Uint8Array, purpose: string): Uint8Array {
  if (platformSecret.length < KEY_BYTES) {
    const reason = `it has fewer than ${KEY_BYTES} bytes`;
    throw new InvalidInputError([
      { code: "PLATFORM_SECRET", path: "platformSecret", value: "(hidden)", reason, remedy: "openssl rand -base64 32" },
    ]);
  }
  return new Uint8Array(hkdfSync("sha256", platformSecret, "", `loomworks clones: ${purpose}`, KEY_BYTES));
}

/** What a tenant verifies our webhooks with, in the form of standardwebhooks.com. */
export function webhookSecretOf(platformSecret: Uint8Array, tenantId: string): string {
  const key = derivedKey(platformSecret, `webhooks of ${tenantId}`);
  return `whsec_${Buffer.from(key).toString("base64")}`;
}

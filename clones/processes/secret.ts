import { createHash } from "node:crypto";

/** Of any text that is long enough, the 32 bytes that webhook secrets are derived from. */
export function platformSecret(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

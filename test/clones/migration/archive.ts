/** Archives as the plugin writes them, as far as whoever passes them on can tell. */
import { createHash } from "node:crypto";

export const MAGIC = Buffer.from("CMARCH1\n", "latin1");

/** @param length that the frame says of its body; @default the body's own */
export function frame(type: string, number: number, body: Buffer, length = body.length): Buffer {
  const head = type === "S" ? Buffer.alloc(0) : Buffer.from("{}");
  const preamble = Buffer.alloc(13);
  preamble.write(type, 0, "latin1");
  preamble.writeUInt32BE(number, 1);
  preamble.writeUInt32BE(head.length, 5);
  preamble.writeUInt32BE(length, 9);
  const digest = createHash("sha256").update(preamble).update(body).digest();
  return Buffer.concat([preamble, head, body, digest]);
}

/** Frames from `next` on, each with a ticket behind it that names the next one, and the end marker. */
export function archive(
  bodies: readonly Buffer[],
  next: number,
): { readonly bytes: Buffer; readonly units: readonly Buffer[] } {
  const units: Buffer[] = bodies.map((body, index) => {
    const number = next + index;
    const ticket = frame("S", number + 1, Buffer.from(`ticket ${number + 1}`));
    return Buffer.concat([...(number === 0 ? [MAGIC] : []), frame("R", number, body), ticket]);
  });
  units.push(frame("E", next + bodies.length, Buffer.alloc(0)));
  return { bytes: Buffer.concat(units), units };
}

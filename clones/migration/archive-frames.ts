/** Takes the stream of an export apart, at the places where an import may begin again. Contents are the importer's to judge. */
import { MigrationError } from "./site-migrator";

/** Of clones/image/custom-migrator/includes/class-archive-format.php. */
const MAGIC = Buffer.from("CMARCH1\n", "latin1");
const PREAMBLE = 13;
const DIGEST = 32;
const MAX_HEAD = 1024 * 1024;
const MAX_BODY = 16 * 1024 * 1024;
const TYPES = "MTRFES";
const TICKET = "S";
const END = "E";

/** A ticket is opaque, and small. */
const MAX_TICKET = 8 * 1024;

/** Of frames up to a ticket: one of the largest, with what stands around it. */
const MAX_UNIT = MAX_HEAD + MAX_BODY + MAX_TICKET + 1024;

/** Frames that go together: up to the ticket behind them, or the end. */
export interface Unit {
  readonly bytes: readonly Buffer[];
  readonly length: number;
  /** Number of the frame behind it. */
  readonly next: number;
}

/** What one request carries. */
export interface Batch {
  readonly bytes: Buffer;
  /** How many units are in it; one alone can't be made smaller. */
  readonly units: number;
  /** Number of the frame behind it. */
  readonly next: number;
}

/**
 * The whole units of a stream, however it was cut into chunks. A stream that ends between two units ends well: it was a
 * slice of the archive.
 *
 * @param next number of the first frame; only 0 has the format's name before it
 * @throws {MigrationError} ARCHIVE_STREAM when it ends within a unit, or is none of frames; what came whole was handed on
 */
export async function* unitsOf(stream: AsyncIterable<Buffer>, next: number): AsyncGenerator<Unit> {
  const reader = new ByteReader(stream);
  let number = next;
  let bytes: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    bytes.push(part);
    length += part.length;
    if (length > MAX_UNIT) throw broken("it has too much between two places where one could go on");
  };
  if (number === 0) {
    const magic = await reader.read(MAGIC.length);
    if (magic === undefined) return;
    if (!magic.equals(MAGIC)) throw broken("it doesn't begin as an archive does");
    add(magic);
  }
  for (;;) {
    const preamble = await reader.read(PREAMBLE);
    if (preamble === undefined) {
      if (length > 0) throw broken("it was cut off");
      return;
    }
    const frame = frameOf(preamble, number);
    add(preamble);
    const rest = await reader.read(frame.rest);
    if (rest === undefined) throw broken("it was cut off");
    add(rest);
    if (frame.type !== TICKET) number += 1;
    const ended = frame.type === END;
    if (!ended && frame.type !== TICKET) continue;
    yield { bytes, length, next: number };
    if (ended) return;
    bytes = [];
    length = 0;
  }
}

/** Units in requests of at most `most` bytes; one that is larger goes alone. What was whole before a failure goes first. */
export async function* batchesOf(units: AsyncIterable<Unit>, most: number): AsyncGenerator<Batch> {
  let held: Unit[] = [];
  let size = 0;
  try {
    for await (const unit of units) {
      if (size > 0 && size + unit.length > most) {
        yield batchOf(held);
        held = [];
        size = 0;
      }
      held.push(unit);
      size += unit.length;
    }
  } catch (error) {
    if (held.length > 0) yield batchOf(held);
    throw error;
  }
  if (held.length > 0) yield batchOf(held);
}

function batchOf(units: readonly Unit[]): Batch {
  const bytes = Buffer.concat(units.flatMap((unit) => unit.bytes));
  return { bytes, units: units.length, next: units.at(-1)?.next ?? 0 };
}

/** @returns how many bytes follow the preamble */
function frameOf(preamble: Buffer, expected: number): { readonly type: string; readonly rest: number } {
  const type = preamble.toString("latin1", 0, 1);
  const [number, head, body] = [preamble.readUInt32BE(1), preamble.readUInt32BE(5), preamble.readUInt32BE(9)];
  if (!TYPES.includes(type)) throw broken("something else stands between its frames, such as a message of PHP");
  if (number !== expected) throw broken("it goes on at another place than it was asked to");
  const isTicket = type === TICKET;
  if (head > (isTicket ? 0 : MAX_HEAD) || body > (isTicket ? MAX_TICKET : MAX_BODY)) {
    throw broken("a frame is larger than one may be");
  }
  return { type, rest: head + body + DIGEST };
}

/** What breaks off now may not the next time: a host may have ended the process in the middle. */
function broken(reason: string): MigrationError {
  const code = "ARCHIVE_STREAM";
  const message = `${code} source: the archive that it sends can't be read: ${reason}. Ask again; look into the site's error log.`;
  return new MigrationError(code, message, true);
}

/** So many bytes at a time out of chunks of any size. */
class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private held: Buffer[] = [];
  private length = 0;

  constructor(stream: AsyncIterable<Buffer>) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** @returns nothing at the stream's end; @throws when it ends within */
  async read(size: number): Promise<Buffer | undefined> {
    while (this.length < size) {
      const result: IteratorResult<Buffer, unknown> = await this.chunks.next();
      if (result.done === true) {
        if (this.length > 0) throw broken("it was cut off");
        return undefined;
      }
      this.held.push(result.value);
      this.length += result.value.length;
    }
    const all = this.held.length === 1 && this.held[0] !== undefined ? this.held[0] : Buffer.concat(this.held);
    this.held = all.length > size ? [all.subarray(size)] : [];
    this.length -= size;
    return all.subarray(0, size);
  }
}

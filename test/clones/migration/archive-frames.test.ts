import fc from "fast-check";
import { Batch, batchesOf, Unit, unitsOf } from "../../../clones/migration/archive-frames";
import { archive, frame, MAGIC } from "./archive";

const MIB = 1024 * 1024;

/** A stream in chunks of the sizes given, over and over. */
async function* chunked(bytes: Buffer, sizes: readonly number[], failure?: Error): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
  if (failure !== undefined) throw failure;
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const bytesOf = ({ bytes }: Unit) => Buffer.concat(bytes);
const sizes = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 5 });
const bodies = fc.array(fc.uint8Array({ maxLength: 3_000 }), { minLength: 1, maxLength: 8 });

describe("[CLONE-06] the frames of an export", () => {
  it("are the same however the stream is cut into chunks", async () => {
    const property = fc.asyncProperty(bodies, sizes, fc.integer({ min: 0, max: 9 }), async (parts, cuts, next) => {
      const { bytes, units } = archive(
        parts.map((part) => Buffer.from(part)),
        next,
      );
      const found = await allOf(unitsOf(chunked(bytes, cuts), next));
      expect(found.map((unit) => bytesOf(unit).toString("hex"))).toEqual(units.map((unit) => unit.toString("hex")));
      expect(found.at(-1)?.next).toBe(next + parts.length + 1);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("go in batches whose bytes are the stream's, none larger than asked for", async () => {
    const property = fc.asyncProperty(
      bodies,
      sizes,
      fc.integer({ min: 3_500, max: 9_000 }),
      async (parts, cuts, most) => {
        const { bytes } = archive(
          parts.map((part) => Buffer.from(part)),
          0,
        );
        const batches = await allOf(batchesOf(unitsOf(chunked(bytes, cuts), 0), most));
        expect(Buffer.concat(batches.map((batch) => batch.bytes)).equals(bytes)).toBe(true);
        expect(batches.filter((batch) => batch.bytes.length > most)).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("go alone where one is larger than a batch", async () => {
    const { bytes, units } = archive([Buffer.alloc(10), Buffer.alloc(5_000), Buffer.alloc(10)], 0);
    const batches = await allOf(batchesOf(unitsOf(chunked(bytes, [999]), 0), 1_000));
    expect(batches.map((batch) => [batch.units, batch.next])).toEqual([
      [1, 1],
      [1, 2],
      [2, 4],
    ]);
    expect(batches[1]?.bytes.equals(units[1]!)).toBe(true);
  });

  it("end between two units well, as a slice does", async () => {
    const { units } = archive([Buffer.alloc(9), Buffer.alloc(9)], 0);
    const slice = Buffer.concat(units.slice(0, 2));
    expect((await allOf(unitsOf(chunked(slice, [100]), 0))).map(({ next }) => next)).toEqual([1, 2]);
  });

  it("are handed on as far as they are whole when the stream breaks off", async () => {
    const { bytes, units } = archive([Buffer.alloc(50), Buffer.alloc(50)], 0);
    for (let length = 0; length < bytes.length; length += 7) {
      const whole = units.filter((_, index) => Buffer.concat(units.slice(0, index + 1)).length <= length);
      const got: Batch[] = [];
      const failure = new Error("the connection was cut");
      const read = async () => {
        const stream = chunked(bytes.subarray(0, length), [64], failure);
        for await (const batch of batchesOf(unitsOf(stream, 0), MIB)) got.push(batch);
      };
      await expect(read()).rejects.toBe(failure);
      expect(Buffer.concat(got.map((batch) => batch.bytes)).equals(Buffer.concat(whole))).toBe(true);
    }
  });

  it.each([
    ["cut within a frame", archive([Buffer.alloc(50)], 0).bytes.subarray(0, 70), "cut off"],
    ["cut behind a frame without its ticket", Buffer.concat([MAGIC, frame("M", 0, Buffer.alloc(3))]), "cut off"],
    ["another number", Buffer.concat([MAGIC, frame("M", 1, Buffer.alloc(3))]), "another place"],
    ["no magic", frame("M", 0, Buffer.alloc(20)), "doesn't begin"],
    ["a message of PHP", Buffer.concat([MAGIC, Buffer.from("<br />\n<b>Fatal error</b>: Allowed memory")]), "PHP"],
    ["a body beyond the bound", Buffer.concat([MAGIC, preamble("R", 16 * MIB + 1)]), "larger"],
    ["a ticket beyond the bound", Buffer.concat([MAGIC, preamble("S", 8 * 1024 + 1)]), "larger"],
  ])("are refused, for another try, with %s", async (_, bytes, says) => {
    await expect(allOf(unitsOf(chunked(bytes, [1_000]), 0))).rejects.toMatchObject({
      code: "ARCHIVE_STREAM",
      retryable: true,
      message: expect.stringContaining(says),
    });
  });

  it("may not come without end and without a ticket", async () => {
    const endless = async function* () {
      yield MAGIC;
      for (let number = 0; ; number += 1) yield await Promise.resolve(frame("R", number, Buffer.alloc(8 * MIB)));
    };
    await expect(allOf(unitsOf(endless(), 0))).rejects.toMatchObject({ code: "ARCHIVE_STREAM" });
  });
});

function preamble(type: string, body: number): Buffer {
  return frame(type, 0, Buffer.alloc(0), body).subarray(0, 13);
}

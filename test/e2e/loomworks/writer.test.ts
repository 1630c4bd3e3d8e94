import { eventually } from "../../cluster/eventually";
import { Writer } from "./writer";

describe("the writer of the story", () => {
  it("writes each number once, in their order, and goes on after a failure, which it counts", async () => {
    const seen: number[] = [];
    const writer = new Writer((number) => {
      seen.push(number);
      return number === 2 ? Promise.reject(new Error("502")) : Promise.resolve({ login: `odoo_${number}` });
    });
    await eventually(() => seen.length >= 3, { what: "three rows" });
    await writer.end();
    expect(seen).toEqual(Array.from({ length: writer.tried }, (_, index) => index + 1));
    expect(writer.failures).toEqual([{ number: 2, reason: "502" }]);
    expect(writer.lastLogin).toBe(`odoo_${writer.tried}`);
  });

  it("names a moment after one row's commit and before the next one's begin", async () => {
    const times = new Map<number, { begun: number; ended: number }>();
    const writer = new Writer(async (number) => {
      const begun = Date.now();
      await new Promise((done) => setTimeout(done, 3));
      times.set(number, { begun, ended: Date.now() });
      return { login: "odoo" };
    });
    const { number, time } = await writer.mark();
    await eventually(() => times.has(number + 1), { what: "the row after it" });
    await writer.end();
    expect(times.get(number)!.ended).toBeLessThan(time.getTime());
    expect(times.get(number + 1)!.begun).toBeGreaterThan(time.getTime());
  });

  it("goes on with the numbers of one before it", async () => {
    const seen: number[] = [];
    const writer = new Writer((number) => Promise.resolve({ login: String(seen.push(number)) }), 7);
    await writer.end();
    expect(seen.slice(0, 1)).toEqual([8]);
    expect(writer.tried).toBe(seen.length);
  });

  it("writes nothing after its end", async () => {
    let rows = 0;
    const writer = new Writer(() => Promise.resolve({ login: String(++rows) }));
    await writer.end();
    expect(writer.tried).toBe(rows);
  });
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { load, quantileOf } from "./load";

describe("The load of the benches", () => {
  const STALL = { from: 200, until: 600 } as const;
  let begun = 0;
  let count = 0;
  const server = createServer((_request, response) => {
    count += 1;
    const status = count % 10 === 0 ? 503 : 202;
    const at = performance.now() - begun;
    // Nobody is answered during the stall.
    const wait = at > STALL.from && at < STALL.until ? STALL.until - at : 0;
    setTimeout(() => response.writeHead(status).end("ok"), wait);
  });
  beforeAll(() => new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening)));
  afterAll(() => new Promise((closed) => server.close(closed)));

  it("goes on asking a service that has stalled, and counts how long each one waited", async () => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    begun = performance.now();
    const request = () => ({ method: "GET" as const, path: "/" });
    const how = { rate: 200, seconds: 1, arrivals: "random" } as const;
    const { sent, milliseconds, errors, bodies } = await load({ origin, ...how, request });

    expect(sent).toBeGreaterThan(120);
    expect(milliseconds.length + (errors[503] ?? 0)).toBe(sent);
    expect(errors[503]).toBe(Math.floor(sent / 10));
    // Two fifths of them came during the stall, and waited for half of it on average.
    expect(quantileOf(milliseconds, 0.99)).toBeGreaterThan(250);
    expect(milliseconds.filter((each) => each > 100).length).toBeGreaterThan(30);
    expect(bodies[0]).toBe("ok");
  });

  it("reads quantiles as the smallest figure that so many don't exceed", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0, 0.5, 0.99, 1].map((quantile) => quantileOf(hundred, quantile))).toEqual([1, 50, 99, 100]);
    expect(quantileOf([], 0.5)).toBeNaN();
  });
});

import { createServer, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BulkReport, runBulkCreate } from "../../../clones/cli/bulk";

describe("[CLONE-13] clones -- bulk-create", () => {
  const asked: { readonly body: any; readonly key?: string }[] = [];
  let server: Server;
  let api: string;
  let looks = 0;
  /** Idempotency-Key of each try, by customer. */
  const tries = new Map<string, string[]>();
  /** How the played API answers the clone of that customer. */
  let refuse: (customer: string) => boolean = () => false;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        const json = (status: number, body: object) =>
          response.writeHead(status, { "retry-after": "0.05" }).end(JSON.stringify(body));
        if (request.method === "GET") {
          looks += 1;
          // Every other look comes too early, and the first of all gets no answer.
          if (looks === 1) return void request.socket.destroy();
          return void json(200, { status: looks % 2 === 0 ? "running" : "completed" });
        }
        const body = JSON.parse(text);
        asked.push({ body, key: request.headers.authorization });
        const keys = tries.get(body.customer_id) ?? [];
        tries.set(body.customer_id, [...keys, String(request.headers["idempotency-key"])]);
        if (refuse(body.customer_id)) return void json(429, { detail: "Too many." });
        json(202, { job_id: `job-${body.customer_id}` });
      });
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    asked.length = 0;
    tries.clear();
    refuse = () => false;
  });

  const run = async (line: object) => {
    let report: BulkReport | undefined;
    let text = "";
    const show = (object: unknown, tell: () => string) => {
      report = object as BulkReport;
      text = tell();
    };
    const deps = { apiKey: "lw_test", show, pollMilliseconds: 5, patienceMilliseconds: 200 };
    const code = await runBulkCreate({ api, source: "https://shop.example.com", ...line }, deps);
    return { code, report: report!, text };
  };

  it("asks for as many clones, each for a customer of its own, with the key", async () => {
    const { code, report, text } = await run({ count: "20", prefix: "load", ttl: "5" });
    expect(code).toBe(0);
    expect(new Set(asked.map(({ body }) => body.customer_id)).size).toBe(20);
    expect(asked[0]).toEqual({
      body: { source_url: "https://shop.example.com", customer_id: "load-1", ttl_minutes: 5 },
      key: "Bearer lw_test",
    });
    expect(report).toMatchObject({ asked: 20, accepted: 20, refusals: [] });
    expect(text).toMatch(/^20 of 20 accepted; answers p50 \d+ ms, p95 \d+ ms\.$/);
  });

  it("waits until all are over, whatever the API says in between", async () => {
    const { code, report } = await run({ count: "4", wait: true });
    expect(code).toBe(0);
    expect(report.ended).toEqual({ completed: 4 });
  });

  it("says what was refused, once, and fails then", async () => {
    refuse = (customer) => customer !== "bulk-1";
    const { code, report } = await run({ count: "5" });
    expect(code).toBe(1);
    expect(report).toMatchObject({ accepted: 1, refusals: ["HTTP 429: Too many."] });
  });

  it("asks again when the API can't promise now, with the same key, so that nothing is made twice", async () => {
    refuse = (customer) => tries.get(customer)!.length < 3;
    const { code, report } = await run({ count: "3" });
    expect([code, report.accepted, report.refusals]).toEqual([0, 3, []]);
    const keys = [...tries.values()];
    expect(keys.map((all) => [all.length, new Set(all).size])).toEqual(Array(3).fill([3, 1]));
    expect(new Set(keys.flat()).size).toBe(3);
  });

  it("counts what got no answer as refused, rather than fail without a report", async () => {
    const { code, report } = await run({ count: "2", api: "http://127.0.0.1:1" });
    expect(code).toBe(1);
    expect(report).toMatchObject({ accepted: 0 });
    expect(report.refusals[0]).toContain("no answer");
  });

  it.each([{}, { count: "0" }, { count: "1001" }, { count: "many" }, { count: "5", source: undefined }])(
    "refuses %j before it asks anything",
    async (line) => {
      await expect(run(line)).rejects.toThrow("CLONES_ARGUMENT");
      expect(asked).toEqual([]);
    },
  );
});

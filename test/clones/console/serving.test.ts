import type { FastifyInstance } from "fastify";
import { readConsole } from "../../../clones/console-files";
import { Bench } from "../api/support";

let bench: Bench;
let app: FastifyInstance;
beforeAll(async () => {
  bench = await Bench.start();
  app = await bench.api();
});
afterAll(() => bench.stop());

const files = readConsole();

describe("the console", () => {
  it("[CLONE-03] is served at / with all that its page and modules name", async () => {
    const page = await app.inject("/");
    expect([page.statusCode, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    const served = new Map(files.map(({ path, body }) => [path, body.toString()]));
    const named = [...served].flatMap(([path, text]) => {
      const loads = path === "/" ? /(?:src|href)="(\/console\/[^"]+)"/g : /from "\.(\/[^"]+)"/g;
      return [...text.matchAll(loads)].map(([, name]) => (path === "/" ? name! : `/console${name!}`));
    });
    expect(named).toContain("/console/main.js");
    expect(named.filter((name) => !served.has(name))).toEqual([]);
    // Nothing is there that nobody loads.
    expect([...served.keys()].filter((path) => path !== "/" && !named.includes(path))).toEqual([]);
    for (const { path, type } of files) {
      const answer = await app.inject(path);
      expect([path, answer.statusCode, answer.headers["content-type"]]).toEqual([path, 200, type]);
    }
  });

  it("[CLONE-03] may load and ask nothing but the service, and is framed by nobody", async () => {
    for (const { path } of files) {
      const { headers } = await app.inject(path);
      const policy = String(headers["content-security-policy"]).split("; ").sort();
      expect(policy).toEqual([
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "require-trusted-types-for 'script'",
        "script-src 'self'",
        "style-src 'self'",
        "trusted-types 'none'",
      ]);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
      });
    }
  });

  it("has nothing inline that the policy would refuse, and nothing from elsewhere", () => {
    const page = files.find(({ path }) => path === "/")!.body.toString();
    expect(page).not.toMatch(/<style|<script(?![^>]+src=)|\son\w+=|\sstyle=|\shref="javascript:/i);
    const scripts = files.filter(({ path }) => path.endsWith(".js")).map(({ body }) => body.toString());
    for (const text of [page, ...scripts]) expect(text).not.toMatch(/(?:src|href|from|import\()\s*=?\s*["']https?:/);
    for (const text of scripts)
      expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });

  it("is asked for each time, and sent only where it isn't known", async () => {
    const { headers } = await app.inject("/console/main.js");
    expect(headers["cache-control"]).toBe("no-cache");
    const etag = String(headers.etag);
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await app.inject({ url: "/console/main.js", headers: { "if-none-match": known } });
      expect([known, again.statusCode, again.body, again.headers.etag]).toEqual([known, 304, "", etag]);
      expect(again.headers["content-security-policy"]).toContain("default-src 'none'");
    }
    const other = await app.inject({ url: "/console/main.js", headers: { "if-none-match": '"other"' } });
    expect([other.statusCode, other.body.length > 0]).toEqual([200, true]);
    expect(new Set(files.map((file) => file.etag)).size).toBe(files.length);
  });

  it("answers HEAD, and counts against no limit", async () => {
    const limited = await bench.api({ limits: { ratePerMinute: 2 } });
    for (let time = 0; time < 5; time += 1) {
      const { statusCode, body } = await limited.inject({ method: "HEAD", url: "/" });
      expect([statusCode, body]).toEqual([200, ""]);
    }
  });

  it.each(["/console", "/console/", "/console/none.js", "/console/..%2fconfig.ts", "/console/../config.ts"])(
    "has nothing at %s",
    async (url) => expect((await app.inject(url)).statusCode).toBe(404),
  );

  it("can be switched off, and leaves the API as it is", async () => {
    const without = await bench.api({ console: false });
    const statuses = ["/", "/console/main.js", "/healthz", "/docs/"].map(async (url) => {
      return (await without.inject(url)).statusCode;
    });
    expect(await Promise.all(statuses)).toEqual([404, 404, 200, 200]);
  });

  it("is no part of the API's document", () => {
    expect(
      Object.keys(app.swagger().paths ?? {}).filter((path) => !/^\/(api|clone|restore|healthz|readyz)/.test(path)),
    ).toEqual([]);
  });
});

import { createServer, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fetch, request } from "undici";
import { guardedDispatcher, Resolver } from "../../../clones/net/dispatcher";
import type { UrlPolicy } from "../../../clones/net/url-policy";

/** What was asked of the server that nobody may reach. */
let hits: string[] = [];
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((incoming, answer) => {
    hits.push(`${incoming.headers.host ?? ""}${incoming.url ?? ""}`);
    if (incoming.url === "/away") answer.writeHead(302, { location: `http://127.0.0.1:${port}/secret` });
    if (incoming.url === "/rebound") answer.writeHead(302, { location: `http://rebound.example:${port}/secret` });
    answer.end("inside");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => (hits = []));

const answer = (address: string) => [{ address, family: address.includes(":") ? 6 : 4 }];
const always =
  (address: string): Resolver =>
  () =>
    Promise.resolve(answer(address));

async function get(url: string, policy: UrlPolicy, resolve: Resolver) {
  const dispatcher = guardedDispatcher(policy, { resolve });
  try {
    const { statusCode, body } = await request(url, { dispatcher });
    await body.dump();
    return statusCode;
  } finally {
    await dispatcher.destroy();
  }
}

const REFUSED = { code: "URL_REFUSED" };

describe("a guarded request", () => {
  it("reaches a host that the policy lets in, so that the refusals below mean something", async () => {
    const policy = { allowedHosts: ["wordpress.example"] };
    expect(await get(`http://wordpress.example:${port}/`, policy, always("127.0.0.1"))).toBe(200);
    expect(hits).toEqual([`wordpress.example:${port}/`]);
  });

  it.each(["127.0.0.1", "::ffff:127.0.0.1", "::1", "169.254.169.254", "10.0.0.1", "fd00:ec2::254", "0.0.0.0"])(
    "[CLONE-03] doesn't connect to a public name that resolves to %s",
    async (address) => {
      await expect(get(`http://evil.example:${port}/`, {}, always(address))).rejects.toMatchObject(REFUSED);
      expect(hits).toEqual([]);
    },
  );

  it("[CLONE-03] doesn't connect to a name with one private address among its public ones", async () => {
    const mixed: Resolver = () => Promise.resolve([...answer("93.184.216.34"), ...answer("127.0.0.1")]);
    await expect(get(`http://evil.example:${port}/`, {}, mixed)).rejects.toMatchObject(REFUSED);
    expect(hits).toEqual([]);
  });

  it("[CLONE-03] doesn't follow a name that moved inside after it was looked at (DNS rebinding)", async () => {
    const answers = ["93.184.216.34", "127.0.0.1"];
    const rebinding: Resolver = () => Promise.resolve(answer(answers.shift() ?? "127.0.0.1"));
    expect(await rebinding("rebound.example")).toEqual(answer("93.184.216.34"));
    await expect(get(`http://rebound.example:${port}/secret`, {}, rebinding)).rejects.toMatchObject(REFUSED);
    expect(hits).toEqual([]);
  });

  it("[CLONE-03] connects to the address that it looked at, and asks no second time", async () => {
    const asked: string[] = [];
    const once: Resolver = (host) => {
      asked.push(host);
      return Promise.resolve(answer(asked.length === 1 ? "127.0.0.1" : "127.0.0.2"));
    };
    expect(await get(`http://wordpress.example:${port}/`, { allowedHosts: ["wordpress.example"] }, once)).toBe(200);
    expect(asked).toEqual(["wordpress.example"]);
  });

  it.each(["127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "0x7f.1", "2130706433"])(
    "[CLONE-03] doesn't connect to %s, which no resolver is asked for",
    async (host) => {
      await expect(get(`http://${host}:${port}/`, {}, always("93.184.216.34"))).rejects.toMatchObject(REFUSED);
      expect(hits).toEqual([]);
    },
  );

  it.each([
    ["/away", "an address"],
    ["/rebound", "a name that resolves to one"],
  ])("[CLONE-03] doesn't follow a redirect (%s) to %s inside", async (path) => {
    const policy = { allowedHosts: ["wordpress.example"] };
    const dispatcher = guardedDispatcher(policy, { resolve: always("127.0.0.1") });
    const call = fetch(`http://wordpress.example:${port}${path}`, { dispatcher });
    await expect(call).rejects.toMatchObject({ cause: REFUSED });
    expect(hits).toEqual([`wordpress.example:${port}${path}`]);
    await dispatcher.destroy();
  });

  it("lets a local stack call its own machine, and metadata never", async () => {
    expect(await get(`http://127.0.0.1:${port}/`, { allowPrivate: true }, always("127.0.0.1"))).toBe(200);
    const metadata = get("http://metadata.example/", { allowPrivate: true }, always("169.254.169.254"));
    await expect(metadata).rejects.toMatchObject(REFUSED);
  });

  it("says so when a name has no address", async () => {
    const nothing: Resolver = () => Promise.resolve([]);
    await expect(get("http://nowhere.example/", {}, nothing)).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});

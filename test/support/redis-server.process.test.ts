import { existsSync, readdirSync, readFileSync } from "node:fs";
import Redis from "ioredis";
import { missingRedis, RedisServer, startRedis } from "./redis-server";
import { describeWith } from "./requires";

async function ask<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0, enableReadyCheck: false });
  client.on("error", () => undefined);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

describeWith(missingRedis(), "a Redis of a suite's own", () => {
  let server: RedisServer;
  beforeAll(async () => (server = await startRedis()), 30_000);
  afterAll(() => server.stop(), 30_000);

  it("lets nobody in without its password, which no command line shows", async () => {
    await expect(ask(`redis://${server.host}:${server.port}`, (client) => client.get("one"))).rejects.toThrow(/NOAUTH/);
    const commands = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`));
    const shown = commands.map((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, "utf8");
      } catch {
        return "";
      }
    });
    expect(shown.filter((line) => line.includes(server.password))).toEqual([]);
  });

  it("throws nothing out and writes everything down, as the platform's does", async () => {
    const read = (name: string) => ask(server.url, async (client) => (await client.config("GET", name)) as string[]);
    expect(await read("maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
    expect(await read("appendonly")).toEqual(["appendonly", "yes"]);
  });

  it("has after a crash what it had, or nothing, as the test wants", async () => {
    await ask(server.url, (client) => client.set("one", "kept"));
    await server.kill();
    await expect(ask(server.url, (client) => client.get("one"))).rejects.toThrow();
    await server.start();
    expect(await ask(server.url, (client) => client.get("one"))).toBe("kept");
    await server.kill();
    await server.start({ withData: false });
    expect(await ask(server.url, (client) => client.get("one"))).toBeNull();
  });
});

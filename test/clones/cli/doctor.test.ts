import { examine, findingsText } from "../../../clones/cli/doctor";
import { redisChecks } from "../../../clones/cli/doctor-redis";

const INFO = { memory: "# Memory\r\nmaxmemory_policy:noeviction\r\n", persistence: "aof_enabled:1\r\n" };

const redis = (info: typeof INFO, type = "none", ping = () => Promise.resolve("PONG")) => ({
  ping,
  info: (section: string) => Promise.resolve(info[section as keyof typeof INFO]),
  type: (key: string) => Promise.resolve(key.endsWith(":wait") ? type : "none"),
});

describe("clones -- doctor", () => {
  it("finds nothing wrong with the Redis that dist makes", async () => {
    const findings = await examine(redisChecks(redis(INFO, "list")));
    expect(findingsText(findings)).toBe(
      [
        "ok    Redis: pong",
        "ok    Redis keeps jobs: appendonly, noeviction",
        "ok    queue keys: bull:clone-jobs:wait, bull:clone-jobs:prioritized, bull:clone-jobs:active, bull:clone-jobs:delayed",
        "Nothing is wrong.",
      ].join("\n"),
    );
  });

  it.each([
    [{ ...INFO, memory: "maxmemory_policy:allkeys-lru\r\n" }, "none", "maxmemory-policy is allkeys-lru"],
    [{ ...INFO, persistence: "aof_enabled:0\r\n" }, "none", "it appends to no file"],
    [INFO, "string", "bull:clone-jobs:wait is a string, not a list"],
  ])("says what is wrong with another one, and what to do: %j %s", async (info, type, sentence) => {
    const findings = await examine(redisChecks(redis(info, type)));
    const wrong = findings.filter(({ remedy }) => remedy !== undefined);
    expect(wrong.map(({ seen }) => seen)).toEqual([sentence]);
    expect(findingsText(findings)).toContain("1 of 3 are wrong.");
  });

  it("goes on where one check fails, and names its remedy", async () => {
    const away = () => Promise.reject(new Error("connect ECONNREFUSED"));
    const findings = await examine(redisChecks(redis(INFO, "none", away)));
    expect(findings[0]).toMatchObject({
      seen: "connect ECONNREFUSED",
      remedy: expect.stringContaining("REDIS_PASSWORD"),
    });
    expect(findings[1]!.remedy).toBeUndefined();
  });

  it("gives up a check that hangs", async () => {
    jest.useFakeTimers();
    const hanging = examine([{ what: "it", remedy: "Wake it", look: () => new Promise(() => undefined) }]);
    await jest.advanceTimersByTimeAsync(5000);
    expect(await hanging).toEqual([{ what: "it", seen: "no answer in 5 s", remedy: "Wake it" }]);
    jest.useRealTimers();
  });
});

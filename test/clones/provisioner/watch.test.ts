import { Kube } from "../../../clones/provisioner/kube";
import { EventSource, RawEvent, watchClones } from "../../../clones/provisioner/watch";
import { FakeClock } from "../fake-clock";
import { cloneObject } from "../objects";

const SCOPE = { namespace: "wordpress-staging" };
const at = (resourceVersion: string) => cloneObject("a", { metadata: { resourceVersion } });

/** A server that answers each connection as told: events, and then an end or an error. */
function server(connections: readonly { events?: RawEvent[]; error?: Error }[], lists = [[at("10")]]) {
  const asked: (string | undefined)[] = [];
  const listed: string[] = [];
  const abort = new AbortController();
  const source: EventSource = async function* (_, query) {
    asked.push(query.resourceVersion as string);
    const { events = [], error } = connections[asked.length - 1] ?? {};
    if (asked.length > connections.length) abort.abort();
    yield* events;
    await Promise.resolve();
    if (error) throw error;
  };
  const list = () => {
    listed.push("list");
    const items = lists[Math.min(listed.length, lists.length) - 1] ?? [];
    return Promise.resolve({ items, metadata: { resourceVersion: String(listed.length * 10) } });
  };
  const clock = new FakeClock("2026-02-05T14:30:22Z");
  const seen: string[] = [];
  const run = async () => {
    const kube = { list, config: {} } as unknown as Kube;
    for await (const event of watchClones(kube, SCOPE, clock, abort.signal, source)) {
      seen.push(
        event.type === "all" ? `all ${event.clones.length}` : `${event.type} ${event.clone.metadata.resourceVersion}`,
      );
    }
  };
  return { run, clock, asked, listed, seen };
}

async function through(played: ReturnType<typeof server>, milliseconds = 60_000): Promise<void> {
  const running = played.run();
  await played.clock.step(milliseconds);
  await running;
}

describe("[KRO-08] a watch of clones", () => {
  it("begins with all there are, and goes on from there", async () => {
    const played = server([
      {
        events: [
          { type: "MODIFIED", object: at("11") },
          { type: "DELETED", object: at("12") },
        ],
      },
    ]);
    await through(played);
    expect(played.seen).toEqual(["all 1", "changed 11", "gone 12"]);
    expect(played.asked[0]).toBe("10");
  });

  it("resumes where it was when the connection breaks, without listing again", async () => {
    const played = server([
      { events: [{ type: "ADDED", object: at("11") }], error: new Error("socket hang up") },
      { events: [{ type: "MODIFIED", object: at("12") }] },
    ]);
    await through(played);
    expect(played.asked).toEqual(["10", "11", "12"]);
    expect(played.listed).toHaveLength(1);
    expect(played.seen).toEqual(["all 1", "changed 11", "changed 12"]);
  });

  it("moves on by bookmarks, which are no changes", async () => {
    const played = server([{ events: [{ type: "BOOKMARK", object: at("99") }] }]);
    await through(played);
    expect(played.asked).toEqual(["10", "99"]);
    expect(played.seen).toEqual(["all 1"]);
  });

  it.each([
    ["as an answer", { error: Object.assign(new Error("Gone"), { statusCode: 410 }) }],
    ["as an event", { events: [{ type: "ERROR", object: { ...at(""), code: 410 } }] }],
  ])("lists anew when the server has forgotten where it was, told %s", async (_, connection) => {
    const played = server([connection, {}], [[at("10")], [at("20"), cloneObject("b")]]);
    await through(played);
    expect(played.asked).toEqual(["10", "20", "20"]);
    expect(played.seen).toEqual(["all 1", "all 2"]);
  });

  it("waits longer from one vain try to the next, five seconds at most", async () => {
    const vain = { error: new Error("connect ECONNREFUSED") };
    const played = server(Array.from({ length: 100 }, () => vain));
    const running = played.run();
    await played.clock.step(700);
    expect(played.asked).toHaveLength(4);
    await played.clock.step(60_000);
    expect(played.asked.length).toBeLessThan(20);
    await played.clock.step(600_000);
    await running;
  });

  it("gives up when it isn't allowed to look", async () => {
    const played = server([{ error: Object.assign(new Error("Forbidden"), { statusCode: 403 }) }]);
    await expect(played.run()).rejects.toThrow("Forbidden");
  });
});

import { Agent } from "undici";
import { pipe, Pipe } from "../../../clones/migration/archive-pipe";
import { BeginAgain, PluginApi } from "../../../clones/migration/plugin-api";
import { SiteClient } from "../../../clones/migration/site-client";
import type { Clock } from "../../../clones/provisioner/clock";
import { ArchiveSource, ArchiveTarget, refusal, StandInServer } from "./plugin-stand-in";

/** Sleeps no time, and remembers how long it should have been, in seconds. */
class EagerClock implements Clock {
  readonly slept: number[] = [];
  now = () => new Date(0);
  sleep = (milliseconds: number) => Promise.resolve(void this.slept.push(milliseconds / 1000));
}

describe("[CLONE-06] the pipe from one site to another", () => {
  const dispatcher = new Agent();
  const servers: StandInServer[] = [];
  let source: ArchiveSource;
  let target: ArchiveTarget;
  let clock: EagerClock;

  beforeEach(() => {
    source = new ArchiveSource([100, 200, 300, 400, 500, 600, 700, 800]);
    target = new ArchiveTarget(source);
    clock = new EagerClock();
  });
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
  afterAll(() => dispatcher.close());

  async function run(more: Partial<Pipe> = {}) {
    const client = new SiteClient(dispatcher, { headersTimeout: 1_000, stallTimeout: 1_000 });
    const [from, to] = [await StandInServer.start(source.route), await StandInServer.start(target.route)];
    servers.push(from, to);
    const reports: string[] = [];
    const call: Pipe = {
      source: new PluginApi(client, clock, from.url, "key-1"),
      target: new PluginApi(client, clock, to.url, "key-2"),
      job: "job-1",
      scopes: ["content"],
      totals: { tables: 14, rows: 10, files: 0, bytes: 118_000_000 },
      postBytes: 8_000_000,
      clock,
      report: (_, message) => void reports.push(message),
      signal: new AbortController().signal,
      ...more,
    };
    const state = await pipe(call, target.state());
    return { state, reports, requests: [...from.requests, ...to.requests] };
  }

  const expectAll = () => expect(Buffer.concat(target.taken).equals(Buffer.concat(source.units))).toBe(true);

  it("brings every frame once and in order, and tells tables and bytes", async () => {
    const { state, reports } = await run();
    expect(state).toMatchObject({ ended: true, next: 9 });
    expectAll();
    expect(reports[0]).toBe("Table 1 of 14, 0 of 118 MB");
    expect(clock.slept).toEqual([]);
  });

  it("sends no more at once than the target takes, and less where its web server takes less than PHP", async () => {
    source = new ArchiveSource([40_000, 40_000, 40_000, 40_000, 40_000], 9);
    target = new ArchiveTarget(source);
    await run({ postBytes: 64 * 1024 + 130_000 });
    expectAll();
    expect(Math.max(...target.sizes)).toBeGreaterThan(120_000);
    expect(Math.max(...target.sizes)).toBeLessThan(130_000);
    target = new ArchiveTarget(source);
    target.first.push({ status: 413, body: "<html>Request Entity Too Large</html>" });
    await run();
    expectAll();
    expect(Math.max(...target.sizes)).toBeLessThan(120_000);
  });

  it("says so where not even one frame goes through", async () => {
    target.first.push(...Array.from({ length: 9 }, () => ({ status: 413 })));
    await expect(run()).rejects.toMatchObject({ code: "SITE_POST_SIZE", retryable: false });
  });

  it("goes on where the target is after the source was cut off in the middle of a frame", async () => {
    source.first.push({ cutAfter: 500 }, { cutAfter: 30 }, { cutAfter: 0 });
    await run();
    expectAll();
  });

  it("goes on after overload, when it is told to and not before", async () => {
    source.first.push({ status: 503, headers: { "retry-after": "7" } });
    target.first.push({ status: 429, headers: { "retry-after": "11" } }, refusal("IMPORT_LOCKED", 409));
    await run();
    expectAll();
    expect(clock.slept).toEqual([7, 11, 4]);
  });

  it("goes on where a target has more than its answer had told", async () => {
    target.first.push(refusal("IMPORT_PLACE", 409));
    await run();
    expectAll();
  });

  it("sends again what a slow target left of a request, without counting that as a failure", async () => {
    source = new ArchiveSource([40_000, 40_000, 40_000, 40_000, 40_000], 9);
    target = Object.assign(new ArchiveTarget(source), { most: 1 });
    await run({ postBytes: 64 * 1024 + 130_000 });
    expectAll();
    expect([target.misplaced, clock.slept]).toEqual([0, []]);
  });

  it("goes on for ever with a source that is always cut off, but brings something each time", async () => {
    source = new ArchiveSource(Array.from({ length: 12 }, () => 100));
    target = new ArchiveTarget(source);
    source.first.push(...Array.from({ length: 9 }, () => ({ cutAfter: 350 })));
    await run();
    expectAll();
    expect(clock.slept).toEqual(Array.from({ length: 9 }, () => 1));
  });

  it("gives up after six tries without progress, for the job to come back later", async () => {
    source.first.push(...Array.from({ length: 6 }, () => ({ status: 500, body: "<h1>broken</h1>" })));
    await expect(run()).rejects.toMatchObject({ code: "SITE_REFUSED", retryable: true });
    expect(clock.slept).toEqual([1, 2, 4, 8, 16]);
    await run();
    expectAll();
  });

  it("gives up where the source sends nothing more, though its archive has no end", async () => {
    source.first.push(...Array.from({ length: 6 }, () => ({ body: "" })));
    await expect(run()).rejects.toMatchObject({ code: "ARCHIVE_STREAM", retryable: true });
  });

  it("asks no more of a target that refuses the archive", async () => {
    target.first.push(refusal("ARCHIVE_CHECKSUM", 422));
    await expect(run()).rejects.toMatchObject({ code: "ARCHIVE_REFUSED", retryable: false });
    expect(clock.slept).toEqual([]);
  });

  it("wants another archive where the source's tables came or went", async () => {
    source.first.push(refusal("EXPORT_CHANGED", 409));
    await expect(run()).rejects.toBeInstanceOf(BeginAgain);
  });
});

import { WordPressMigrator } from "../../../clones/migration/wordpress-migrator";
import { FakeClock } from "../fake-clock";
import { json, refusal, StandInServer } from "./plugin-stand-in";

const { signal } = new AbortController();

describe("[CLONE-06] the migrator", () => {
  let server: StandInServer;
  const clock = new FakeClock("2026-02-05T14:30:22.000Z");
  const options = { clock, pluginFolder: "nowhere" };
  const status = { protocol: 1, plugin: "1.0.0", wordpress: "6.8", home: "", siteurl: "", clone: false };
  const totals = { tables: 0, rows: 0, files: 0, bytes: 0 };

  beforeEach(async () => {
    server = await StandInServer.start(({ what, headers }) => {
      if (headers["x-migrator-key"] !== "right") return refusal("MIGRATOR_KEY", 401);
      return what === "GET status"
        ? json({ ...status, limits: { post_bytes: 1 }, totals })
        : json({ phase: "rolled-back" });
    });
  });
  afterEach(() => server.stop());

  const asked = () => server.requests.splice(0);

  it("uses a way in again for an hour, but never for somebody who gives something else", async () => {
    const migrator = new WordPressMigrator({ ...options, urlPolicy: { allowPrivate: true } });
    const undo = (apiKey: string) => migrator.undoRestore("job-1", { url: server.url, apiKey }, signal);
    await undo("right");
    expect(asked()).toEqual(["GET status", "GET status", "POST rollback"]);
    await undo("right");
    expect(asked()).toEqual(["POST rollback"]);
    await expect(undo("wrong")).rejects.toMatchObject({ code: "SITE_KEY" });
    await clock.step(3_600_000);
    asked();
    await undo("right");
    expect(asked()).toEqual(["GET status", "GET status", "POST rollback"]);
  });

  it("calls no site at an address of the service's own network, but its own clones", async () => {
    const migrator = new WordPressMigrator(options);
    const site = { url: server.url, apiKey: "right" };
    await expect(migrator.check(site, signal)).rejects.toMatchObject({ code: "URL_REFUSED" });
    expect(asked()).toEqual([]);
    await migrator.check({ ...site, own: true }, signal);
    expect(asked()).toEqual(["GET status"]);
  });
});

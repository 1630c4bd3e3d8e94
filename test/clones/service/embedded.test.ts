import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../../clones/config";
import { startEmbedded } from "../../../clones/processes/embedded";
import { openStore } from "../../../clones/store/open";
import { createLog } from "../../../clones/telemetry/log";
import type { SiteMigrator } from "../../../clones/migration/site-migrator";
import { freePorts } from "../../cluster/probe";
import { FakeSites } from "../local/fake-sites";
import { tellStory } from "./story";

/** What it does on real WordPress is told in test/clones/local. */
const migrator: SiteMigrator = {
  check: async ({ url }) => {
    await fetch(url);
  },
  copy: () => Promise.resolve({}),
  plan: () => Promise.resolve({ changes: { content: 1 }, conflicts: [] }),
  restore: () => Promise.resolve(),
  canUndo: () => Promise.resolve(true),
  undoRestore: () => Promise.resolve(),
};

describe("[CLONE-15] the service on one machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "loomworks-story-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  tellStory({
    patience: 20_000,
    start: async () => {
      const [port, metrics] = await freePorts(2);
      const environment = { HOST: "127.0.0.1", PORT: String(port), METRICS_PORT: String(metrics) };
      const clones = { sites: new FakeSites(), warm: 1, migrator };
      const log = createLog({ service: "story", level: "silent" });
      const embedded = await startEmbedded(readConfig(environment, []), folder, clones, log);
      const store = openStore(`sqlite:${join(folder, "jobs.sqlite")}`);
      const scopes = ["clones:read", "clones:write", "restore"] as const;
      const { text: othersKey } = await store.apiKeys.create({ tenantId: "others", name: "story", scopes });
      await store.close();
      return { url: embedded.url, key: embedded.key, othersKey, stop: embedded.stop };
    },
  });
});

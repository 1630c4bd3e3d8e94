import { readConfig } from "../../../clones/config";
import { startApi } from "../../../clones/processes/api";
import { kubernetesParts } from "../../../clones/processes/kubernetes";
import { together } from "../../../clones/processes/lifetime";
import { NEEDED, sharedParts } from "../../../clones/processes/parts";
import { startWorker } from "../../../clones/processes/worker";
import { createLog } from "../../../clones/telemetry/log";
import { freePorts } from "../../cluster/probe";
import { describeWithClones } from "../../support/clone-cluster";
import { missingMariaDb } from "../../support/mariadb-server";
import { missingRedis } from "../../support/redis-server";
import { RecordingMigrator } from "../../support/recorder";
import { describeWith } from "../../support/requires";
import { startServiceServers } from "../../support/service-servers";
import { configOf, startCleaner } from "./cleaner";
import { tellStory } from "./story";

describeWith(missingMariaDb() ?? missingRedis(), "production's parts", () => {
  describeWithClones("[CLONE-15] the service on MySQL, Redis and Kubernetes", {}, (cluster) => {
    tellStory({
      patience: 90_000,
      spans: ["kubernetes POST", "kubernetes GET"],
      start: async () => {
        const servers = await startServiceServers();
        const [port, metrics] = await freePorts(2);
        const environment = {
          ...servers.environment,
          PORT: String(port),
          METRICS_PORT: String(metrics),
          CLONE_ALLOW_PRIVATE_SOURCES: "true",
          WORKER_GRACE_SECONDS: "5",
        };
        const config = readConfig(environment, NEEDED);
        const log = createLog({ service: "story", level: "silent" });
        const parts = sharedParts(config, log);
        const { backend } = kubernetesParts(config, configOf(cluster()));
        const { jobs, apiKeys: keys } = parts.store;
        const own = { ...parts, backend, migrator: new RecordingMigrator() };
        const worker = await startWorker({ ...config, METRICS_PORT: 0 }, own, log);
        const webhookSecret = config.CLONE_WEBHOOK_SECRET;
        const api = await startApi(config, { ...parts, jobs, keys, directory: backend, webhookSecret }, log);
        const [key, othersKey] = await Promise.all(
          ["acme", "others"].map(async (tenantId) => {
            const scopes = ["clones:read", "clones:write", "restore"] as const;
            return (await keys.create({ tenantId, name: "story", scopes })).text;
          }),
        );
        const { stop } = together(
          [servers, { stop: parts.close }, startCleaner(cluster(), servers.database), worker, api],
          log,
        );
        return { url: `http://127.0.0.1:${port}`, key: key!, othersKey: othersKey!, stop };
      },
    });
  });
});

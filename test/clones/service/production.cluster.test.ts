import { randomBytes } from "node:crypto";
import { readConfig } from "../../../clones/config";
import { startApi } from "../../../clones/processes/api";
import { kubernetesParts } from "../../../clones/processes/kubernetes";
import { together } from "../../../clones/processes/lifetime";
import { NEEDED, sharedParts } from "../../../clones/processes/parts";
import { startWorker } from "../../../clones/processes/worker";
import { prepareDatabase } from "../../../clones/store/prepare";
import { createLog } from "../../../clones/telemetry/log";
import { freePorts } from "../../cluster/probe";
import { describeWithClones } from "../../support/clone-cluster";
import { missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { missingRedis, startRedis } from "../../support/redis-server";
import { RecordingMigrator } from "../../support/recorder";
import { describeWith } from "../../support/requires";
import { configOf, startCleaner } from "./cleaner";
import { tellStory } from "./story";

const PASSWORD = "job-store-of-the-story";
describeWith(missingMariaDb() ?? missingRedis(), "production's parts", () => {
  describeWithClones("[CLONE-15] the service on MySQL, Redis and Kubernetes", {}, (cluster) => {
    tellStory({
      patience: 90_000,
      spans: ["kubernetes POST", "kubernetes GET"],
      start: async () => {
        const [redis, database] = [await startRedis(), await startMariaDb()];
        const adminUrl = `mysql://root:${database.rootPassword}@${database.host}:${database.port}/clone_jobs`;
        await prepareDatabase({ adminUrl, password: PASSWORD });
        const [port, metrics] = await freePorts(2);
        const environment = {
          HOST: "127.0.0.1",
          PORT: String(port),
          METRICS_PORT: String(metrics),
          JOBS_DATABASE_HOST: database.host,
          JOBS_DATABASE_PORT: String(database.port),
          JOBS_DATABASE_PASSWORD: PASSWORD,
          REDIS_HOST: redis.host,
          REDIS_PORT: String(redis.port),
          REDIS_PASSWORD: redis.password,
          CLONE_VAULT_KEYS: `story:${randomBytes(32).toString("base64")}`,
          CLONE_WEBHOOK_SECRET: "webhook-secret-of-the-story-of-32",
          CLONE_EXPOSE_CREDENTIALS: "true",
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
        const servers = {
          stop: async () => {
            await Promise.all([redis.stop(), database.stop()]);
          },
        };
        const { stop } = together(
          [servers, { stop: parts.close }, startCleaner(cluster(), database), worker, api],
          log,
        );
        return { url: `http://127.0.0.1:${port}`, key: key!, othersKey: othersKey!, stop };
      },
    });
  });
});

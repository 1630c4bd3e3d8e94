import { randomBytes } from "node:crypto";
import { KubeConfig } from "@kubernetes/client-node";
import { runCleaner } from "../../../clones/cleaner/main";
import { readConfig } from "../../../clones/config";
import { startApi } from "../../../clones/processes/api";
import { kubernetesParts } from "../../../clones/processes/kubernetes";
import { together } from "../../../clones/processes/lifetime";
import { NEEDED, sharedParts } from "../../../clones/processes/parts";
import { startWorker } from "../../../clones/processes/worker";
import { prepareDatabase } from "../../../clones/store/prepare";
import { createLog } from "../../../clones/telemetry/log";
import type { Cluster } from "../../cluster";
import { freePorts } from "../../cluster/probe";
import { describeWithClones, STAGING } from "../../support/clone-cluster";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { missingRedis, startRedis } from "../../support/redis-server";
import { RecordingMigrator } from "../../support/recorder";
import { describeWith } from "../../support/requires";
import { tellStory } from "./story";

const PASSWORD = "job-store-of-the-story";
describeWith(missingMariaDb() ?? missingRedis(), "production's parts", () => {
  describeWithClones("[CLONE-15] the service on MySQL, Redis and Kubernetes", {}, (cluster) => {
    /** As its Deployment does, with the same database server as the jobs for the clones' schemas. */
    const startCleaner = ({ host, port, rootPassword }: MariaDb) => {
      const ending = new AbortController();
      const running = runCleaner({
        args: ["watch"],
        env: {
          CLONE_NAMESPACES: STAGING,
          SHARED_DATABASE_HOST: host,
          SHARED_DATABASE_PORT: String(port),
          SHARED_DATABASE_USER: "root",
          SHARED_DATABASE_PASSWORD: rootPassword,
        },
        config: configOf(cluster()),
        write: () => undefined,
        signal: ending.signal,
      });
      const stop = async () => {
        ending.abort();
        await running;
      };
      return { stop };
    };

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
        const { stop } = together([servers, { stop: parts.close }, startCleaner(database), worker, api], log);
        return { url: `http://127.0.0.1:${port}`, key: key!, othersKey: othersKey!, stop };
      },
    });
  });
});

function configOf({ kubeconfig }: Cluster): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}

/** The database and the queue of a service under test, ready for its processes, and what these are told of both. */
import { randomBytes } from "node:crypto";
import { prepareDatabase } from "../../clones/store/prepare";
import { MariaDb, startMariaDb } from "./mariadb-server";
import { RedisServer, startRedis } from "./redis-server";

/** No log may show it. */
export const JOB_STORE_PASSWORD = "job-store-of-the-tests";
const DATABASE = "clone_jobs";

export interface ServiceServers {
  readonly redis: RedisServer;
  readonly database: MariaDb;
  readonly storeUrl: string;
  /** Of API and worker alike; ports, cluster and whatever a suite is about come on top. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startServiceServers(): Promise<ServiceServers> {
  const [redis, database] = [await startRedis(), await startMariaDb()];
  const { host, port, rootPassword } = database;
  const password = JOB_STORE_PASSWORD;
  await prepareDatabase({ adminUrl: `mysql://root:${rootPassword}@${host}:${port}/${DATABASE}`, password });
  const environment = {
    HOST: "127.0.0.1",
    JOBS_DATABASE_HOST: host,
    JOBS_DATABASE_PORT: String(port),
    JOBS_DATABASE_PASSWORD: password,
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    REDIS_PASSWORD: redis.password,
    CLONE_VAULT_KEYS: `tests:${randomBytes(32).toString("base64")}`,
    CLONE_WEBHOOK_SECRET: "webhook-secret-of-the-tests-only-32",
    CLONE_EXPOSE_CREDENTIALS: "true",
  };
  const stop = async () => {
    await Promise.all([redis.stop(), database.stop()]);
  };
  return { redis, database, storeUrl: `mysql://job_store:${password}@${host}:${port}/${DATABASE}`, environment, stop };
}

/** Commands that need the service's own parts: jobs, keys, many clones at once, and the doctor. */
import { parseArgs } from "node:util";
import type { KubeConfig } from "@kubernetes/client-node";
import { Redis } from "ioredis";
import { UsageError } from "../../constructs/shared/cli";
import { readConfig, ServiceConfig, storeUrl } from "../config";
import { BullMqQueue } from "../queue/bullmq-queue";
import { openStore } from "../store/open";
import { BULK_USAGE, runBulkCreate } from "./bulk";
import { clusterChecks, examine, findingsText } from "./doctor";
import { redisChecks } from "./doctor-redis";
import { runJobs } from "./jobs";
import { runKeys } from "./keys";
import { OPERATOR_USAGE } from "./operator-usage";

export const OPERATOR_COMMANDS = ["jobs", "keys", "bulk-create", "doctor"] as const;

export interface OperatorProcess {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly config: () => KubeConfig;
  readonly print: (text: string) => void;
}

/** Whether these words are for {@link runOperator}. */
export function isOperatorCommand(args: readonly string[]): boolean {
  return OPERATOR_COMMANDS.some((command) => command === args[0]);
}

/** @returns the exit code */
export async function runOperator(operator: OperatorProcess): Promise<number> {
  const { values, positionals } = parse(operator.args);
  const [command, ...words] = positionals;
  const show = (object: unknown, text: () => string) =>
    operator.print(values.json ? JSON.stringify(object, undefined, 2) : text());
  const now = () => new Date();
  if (command === "bulk-create") {
    if (words.length > 0) throw new UsageError(BULK_USAGE);
    return await runBulkCreate(values, { apiKey: operator.env.CLONES_API_KEY, show });
  }
  if (command === "doctor") return await doctor(operator, show);
  const config = readConfig(operator.env, []);
  const store = openStore(storeUrl(config));
  const queue = new BullMqQueue({ redis: redisOf(config) });
  try {
    if (command === "jobs") return await runJobs({ words, ...values }, { jobs: store.jobs, queue, now, show });
    return await runKeys({ words, ...values }, { keys: store.apiKeys, now, show });
  } finally {
    await queue.close();
    await store.close();
  }
}

async function doctor({ env, config }: OperatorProcess, show: (object: unknown, text: () => string) => void) {
  const service = readConfig(env, []);
  const store = openStore(storeUrl(service));
  // One try: whether it is there is the question.
  const redis = new Redis({
    ...redisOf(service),
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on("error", () => undefined);
  const database = {
    what: "jobs database",
    remedy:
      "Is JOBS_DATABASE_HOST reachable, the password the one in Secret job-store-config, and the schema Job done?",
    look: async () => {
      await store.jobs.check();
      const counts = await store.jobs.counts();
      const told = counts.map(({ type, status, count }) => `${count} ${type} ${status}`);
      return told.length === 0 ? "no jobs yet" : told.join(", ");
    },
  };
  try {
    const findings = await examine([
      database,
      ...redisChecks(redis),
      ...clusterChecks(config(), service.CLONE_NAMESPACE),
    ]);
    show(findings, () => findingsText(findings));
    return findings.some(({ remedy }) => remedy !== undefined) ? 1 : 0;
  } finally {
    redis.disconnect();
    await store.close();
  }
}

function redisOf({ REDIS_HOST: host, REDIS_PORT: port, REDIS_PASSWORD: password }: ServiceConfig) {
  return { host, port, ...(password === undefined ? {} : { password }) };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        status: text,
        type: text,
        tenant: text,
        limit: text,
        name: text,
        scopes: text,
        days: text,
        rate: text,
        count: text,
        source: text,
        api: text,
        prefix: text,
        ttl: text,
        wait: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${OPERATOR_USAGE}`);
  }
}

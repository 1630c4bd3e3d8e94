/** What the processes of the service read from their environment. Everything wrong with it is told at once. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { CLONE_NAMESPACES } from "../constructs/contract";
import { assertNoProblems, Problem } from "../constructs/shared/problems";

export type Environment = Readonly<Record<string, string | undefined>>;

const text = () => z.string().min(1);
const port = (standard: number) => z.coerce.number().int().min(1).max(65_535).default(standard);
const count = (minimum: number, maximum: number, standard: number) =>
  z.coerce.number().int().min(minimum).max(maximum).default(standard);
const flag = (standard: boolean) =>
  z
    .enum(["true", "false"])
    .default(standard ? "true" : "false")
    .transform((value) => value === "true");

/** By name of the variable; its default is what a pod that isn't told otherwise does. */
export const FIELDS = {
  /** Whole address of the jobs table, where there is one: `sqlite:FILE` or `mysql://…`. */
  CLONE_STORE_URL: text().optional(),
  JOBS_DATABASE_HOST: text().optional(),
  JOBS_DATABASE_PORT: port(3306),
  JOBS_DATABASE_NAME: text().default("clone_jobs"),
  JOBS_DATABASE_USER: text().default("job_store"),
  JOBS_DATABASE_PASSWORD: text().optional(),
  JOBS_DATABASE_ADMIN_USER: text().optional(),
  JOBS_DATABASE_ADMIN_PASSWORD: text().optional(),
  REDIS_HOST: text().default("clone-redis"),
  REDIS_PORT: port(6379),
  REDIS_PASSWORD: text().optional(),
  CLONE_VAULT_KEYS: text().optional(),
  CLONE_WEBHOOK_SECRET: text().optional(),
  CLONE_NAMESPACE: text().default(CLONE_NAMESPACES.staging),
  CLONE_DOMAIN: text().default("clones.betaweb.ai"),
  CLONE_DATABASE: z.enum(["sidecar", "shared", "dedicated", "sqlite"]).default("shared"),
  CLONE_ROUTING: z.enum(["host", "path"]).default("host"),
  CLONE_ALB_GROUPS: count(1, 50, 4),
  CLONES_PER_ALB_GROUP: count(1, 90, 90),
  CLONE_EXPOSE_CREDENTIALS: flag(false),
  CLONE_ALLOW_PRIVATE_SOURCES: flag(false),
  CLONE_CONSOLE: flag(true),
  /** Of the Loomworks installation whose databases are copied; without it, none are. */
  COPIES_NAMESPACE: text().optional(),
  COPIES_PER_TENANT: count(1, 100, 1),
  CLONE_RATE_PER_MINUTE: count(1, 1_000_000, 600),
  WORKER_CONCURRENCY: count(1, 100, 4),
  WORKER_GRACE_SECONDS: count(1, 3600, 840),
  WARM_POOL_MIN: count(0, 50, 1),
  WARM_POOL_MAX: count(0, 50, 2),
  WARM_POOL_REUSE: flag(false),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  HOST: text().default("0.0.0.0"),
  PORT: port(8000),
  METRICS_PORT: port(9090),
} as const;

const schema = z.object(FIELDS);
export type ServiceConfig = z.output<typeof schema>;
type Name = keyof ServiceConfig;

/** Never to be shown, whatever is wrong with them. */
const SECRET = /PASSWORD|KEYS|SECRET|STORE_URL/;

/**
 * Reads the environment. Instead of any `NAME`, `NAME_FILE` may hold the path of a file with the value.
 *
 * @param needed variables without which this process can't work
 * @throws {InvalidInputError} SERVICE_CONFIG for each one that is missing or wrong
 */
export function readConfig<K extends Name>(
  env: Environment,
  needed: readonly K[],
): ServiceConfig & { readonly [P in K]-?: NonNullable<ServiceConfig[P]> } {
  const problems: Problem[] = [];
  const given = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, valueOf(env, name, problems)]));
  const parsed = schema.safeParse(given);
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = String(path[0]);
    problems.push(problem(name, SECRET.test(name) ? "(a secret)" : given[name], lower(message), "Correct it"));
  }
  for (const name of needed) {
    if (given[name] === undefined && parsed.data?.[name] === undefined) {
      problems.push(problem(name, undefined, "this process can't work without it", `Set ${name} or ${name}_FILE`));
    }
  }
  assertNoProblems(problems);
  return parsed.data as ServiceConfig & { readonly [P in K]-?: NonNullable<ServiceConfig[P]> };
}

/** Address of the jobs table. */
export function storeUrl(config: ServiceConfig): string {
  if (config.CLONE_STORE_URL !== undefined) return config.CLONE_STORE_URL;
  const { JOBS_DATABASE_USER: user, JOBS_DATABASE_PASSWORD: password = "" } = config;
  return mysqlUrl(config, user, password);
}

/** The same server for whoever may make databases and users there. */
export function adminUrl(config: ServiceConfig): string {
  return mysqlUrl(config, config.JOBS_DATABASE_ADMIN_USER ?? "", config.JOBS_DATABASE_ADMIN_PASSWORD ?? "");
}

function mysqlUrl(config: ServiceConfig, user: string, password: string): string {
  const { JOBS_DATABASE_HOST: host = "", JOBS_DATABASE_PORT, JOBS_DATABASE_NAME: name } = config;
  return `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${JOBS_DATABASE_PORT}/${name}`;
}

/** An empty variable is none: that is how a manifest leaves one out. */
function valueOf(env: Environment, name: string, problems: Problem[]): string | undefined {
  const direct = env[name];
  if (direct !== undefined && direct !== "") return direct;
  const file = env[`${name}_FILE`];
  if (file === undefined || file === "") return undefined;
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    problems.push(problem(`${name}_FILE`, file, "no such file can be read", "Mount it, or give the value itself"));
    return undefined;
  }
}

function problem(path: string, value: unknown, reason: string, remedy: string): Problem {
  return { code: "SERVICE_CONFIG", path, value, reason, remedy };
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

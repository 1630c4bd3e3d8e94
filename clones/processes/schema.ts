/** The process that brings the database to what this version needs, and its user to the password of the Secret. */
import type { Logger } from "pino";
import { adminUrl, Environment, readConfig } from "../config";
import { prepareDatabase } from "../store/prepare";

const NEEDED = [
  "JOBS_DATABASE_HOST",
  "JOBS_DATABASE_PASSWORD",
  "JOBS_DATABASE_ADMIN_USER",
  "JOBS_DATABASE_ADMIN_PASSWORD",
] as const;

/** Safe to run twice, and by two at once. */
export async function prepareSchema(env: Environment, log: Logger): Promise<void> {
  const config = readConfig(env, NEEDED);
  const { JOBS_DATABASE_USER: user, JOBS_DATABASE_PASSWORD: password } = config;
  const migrations = await prepareDatabase({ adminUrl: adminUrl(config), user, password });
  log.info({ migrations }, "the jobs database is prepared");
}

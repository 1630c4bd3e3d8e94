import { spawnSync } from "node:child_process";

/** The system's own, for which Debian packages modules. */
export const PYTHON = "/usr/bin/python3";

/** Why Odoo's way to PostgreSQL can't be gone here, if so. */
export function missingPsycopg(): string | undefined {
  if (spawnSync(PYTHON, ["-c", "import psycopg2"]).status === 0) return undefined;
  return `${PYTHON} has no psycopg2 (Debian: apt-get install python3-psycopg2)`;
}

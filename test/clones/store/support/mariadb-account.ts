/** The service's database on a real MariaDB, as its schema job makes it. */
import { createConnection } from "mysql2/promise";
import { prepareDatabase } from "../../../../clones/store/prepare";
import type { MariaDb } from "../../../support/mariadb-server";

/** Names of all migrations, in their order. */
export const MIGRATIONS = ["001-jobs", "002-copies"];

export const DATABASE = "clone_jobs";
export const USER = "job_store";
export const PASSWORD = "p@ss/w:rd'\"%";

export function adminUrl({ host, port, rootPassword }: MariaDb): string {
  return `mysql://root:${rootPassword}@${host}:${port}/${DATABASE}`;
}

export function serviceUrl({ host, port }: MariaDb, password = PASSWORD): string {
  return `mysql://${USER}:${encodeURIComponent(password)}@${host}:${port}/${DATABASE}`;
}

export async function prepare(server: MariaDb, password = PASSWORD): Promise<readonly string[]> {
  return await prepareDatabase({ adminUrl: adminUrl(server), user: USER, password });
}

/** Past the store, by a connection of its own. */
export async function query(
  server: MariaDb,
  statement: string,
  as?: { user: string; password: string },
): Promise<any[]> {
  const account = as ?? { user: "root", password: server.rootPassword };
  const { host, port } = server;
  const connection = await createConnection({ host, port, database: as && DATABASE, ...account });
  try {
    if (as === undefined) await connection.query(`USE ${DATABASE}`).catch(() => undefined);
    const [rows] = await connection.query(statement);
    return Array.isArray(rows) ? rows : [];
  } finally {
    connection.destroy();
  }
}

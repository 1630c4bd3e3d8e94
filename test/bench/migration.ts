/** How long real sites take to be cloned and restored, by size and database, and what that costs each side in memory. */
import { loadavg } from "node:os";
import { Cost, costOfCopy, costOfRestore, Size, startSized } from "../clones/migration/proof/sized-site";
import { toStandardError } from "../cluster/build/builder";
import { MariaDb, missingMariaDb, startMariaDb } from "../support/mariadb-server";
import { missingWordPress } from "../support/wordpress";
import type { Row } from "./main";

/** By megabytes of media; MEGABYTES=1,50 asks for fewer. */
const SIZES: Readonly<Record<string, Size>> = {
  1: { posts: 10, files: 4 },
  50: { posts: 500, files: 200 },
  500: { posts: 5_000, files: 2_000 },
};
const ASKED = (process.env.MEGABYTES ?? Object.keys(SIZES).join(",")).split(",");
const MEGABYTE = 1024 * 1024;

/** Both sites on small hosts: 128 MB, 30 s, posts of 8 MB. */
export async function measureMigration(): Promise<Row[]> {
  const missing = missingWordPress() ?? missingMariaDb();
  if (missing !== undefined) throw new Error(missing);
  const database = await startMariaDb();
  try {
    const rows: Row[] = [];
    for (const megabytes of ASKED) {
      rows.push(...(await measure(megabytes, "SQLite")), ...(await measure(megabytes, "MariaDB", database)));
    }
    return rows;
  } finally {
    await database.stop();
  }
}

async function measure(megabytes: string, name: string, database?: MariaDb): Promise<Row[]> {
  const size = SIZES[megabytes];
  if (size === undefined) throw new Error(`MEGABYTES: got ${megabytes}; there are ${Object.keys(SIZES).join(", ")}`);
  const options = database === undefined ? {} : { database };
  const { source, target, stop } = await startSized(size, options, options);
  try {
    const what = `${megabytes} MB of media (${size.files} files), ${size.posts} posts, ${name}`;
    const load = () => `load ${loadavg()[0]?.toFixed(1)}`;
    const rows: Row[] = [[`clone of ${what}`, `${textOf(await costOfCopy(source, target))}; ${load()}`]];
    await target.site.evaluate("return update_option( 'blogname', 'Changed' );");
    rows.push([`restore of ${what}`, `${textOf(await costOfRestore(target, source))}; ${load()}`]);
    for (const row of rows) toStandardError(row.join(": "));
    return rows;
  } finally {
    await stop();
  }
}

function textOf({ seconds, source, target, service }: Cost): string {
  const size = (bytes: number) => `${Math.round(bytes / MEGABYTE)} MB`;
  const longest = Math.max(source.seconds, target.seconds).toFixed(1);
  return [
    `${seconds.toFixed(1)} s`,
    `PHP of the source ${size(source.bytes)}, of the target ${size(target.bytes)}`,
    `service ${size(service.heap)} of heap, ${size(service.rss)} in all`,
    `longest request ${longest} s`,
  ].join("; ");
}

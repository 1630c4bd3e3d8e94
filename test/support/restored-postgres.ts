/** A PostgreSQL that is made of a backup and the archive, and of nothing else: what there is after the loss of the server. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../cluster/probe";
import { Outcome, PostgresServer } from "./postgres-server";

export interface RestoreOptions {
  /** Name of the backup. */
  readonly backup: string;
  /** Folders of backups and archive. @default the server's own */
  readonly backups?: string;
  readonly archive?: string;
  /** The moment to restore to, with its zone. @default the end of the archive */
  readonly time?: string;
}

export interface Restored {
  /** Asks one thing of it, as its superuser. */
  query(sql: string): Outcome;
  /** Ends it and removes it. */
  stop(): void;
}

const START_SECONDS = 60;

let restores = 0;

/**
 * Restores into an empty folder by our own script, and starts a server from it.
 *
 * @throws {Error} with the script's words, if it doesn't restore
 */
export async function restore(server: PostgresServer, options: RestoreOptions): Promise<Restored> {
  const { backup, backups = server.path("backups"), archive = server.path("wal-archive"), time } = options;
  const data = server.path(`restored-${++restores}`);
  const moment = time === undefined ? ["--latest"] : ["--time", time];
  const env = { DATA: data, BACKUPS: backups, WAL_ARCHIVE: archive };
  const { status, stdout, stderr } = server.script("restore.sh", [...moment, "--backup", backup], env);
  if (status !== 0) throw new Error(`the restore failed: ${stdout}${stderr}`);
  return await startRestored(server, data);
}

/**
 * A server from a restored folder, and from no configuration but what it needs to be asked.
 *
 * @param settings more of them. @default none
 * @throws {Error} with the end of its log, if it doesn't start
 */
export async function startRestored(
  server: PostgresServer,
  data: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Restored> {
  const [port = 0] = await freePorts(1);
  const folder = server.createFolder(`${data.slice(server.folder.length + 1)}-server`);
  const run = (program: string, args: readonly string[]) =>
    server.runToEnd(program, args, { PGHOST: folder, PGPORT: String(port) });
  writeFileSync(join(folder, "postgresql.conf"), configuration(folder, port, settings));
  writeFileSync(join(folder, "pg_hba.conf"), "local all all trust\n");
  const conf = `-c config_file=${join(folder, "postgresql.conf")}`;
  const log = join(folder, "log");
  const started = run("pg_ctl", ["-D", data, "-o", conf, "-l", log, "-t", String(START_SECONDS), "-s", "-w", "start"]);
  if (started.status !== 0) {
    throw new Error(
      `the restored server didn't start:\n${readFileSync(log, "utf8").split("\n").slice(-15).join("\n")}`,
    );
  }
  const query = (sql: string) => {
    const outcome = run("psql", ["--no-psqlrc", "-qtA", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-c", sql]);
    return { ...outcome, stdout: outcome.stdout.trim() };
  };
  const stop = () => {
    run("pg_ctl", ["-D", data, "-s", "-m", "fast", "stop"]);
    run("rm", ["-rf", data, folder]);
  };
  return { query, stop };
}

function configuration(folder: string, port: number, settings: Readonly<Record<string, string>>): string {
  const options: Readonly<Record<string, string | number>> = {
    listen_addresses: "",
    port,
    unix_socket_directories: folder,
    hba_file: join(folder, "pg_hba.conf"),
    shared_buffers: "16MB",
    ...settings,
  };
  return Object.entries(options)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join("");
}

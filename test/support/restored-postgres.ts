/** A PostgreSQL that is made of a backup and the archive, and of nothing else: what there is after the loss of the server. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../cluster/probe";
import { Outcome, PostgresServer, SCRIPTS } from "./postgres-server";

export interface RestoreOptions {
  /** Name of the backup. */
  readonly backup: string;
  /** Folders of backups and archive. @default the server's own */
  readonly backups?: string;
  readonly archive?: string;
  /** Further settings of the recovery, as `recovery_target_time`. @default to the end of the archive */
  readonly target?: Readonly<Record<string, string>>;
}

export interface Restored {
  /** Asks one thing of it, as its superuser. */
  query(sql: string): Outcome;
  /** Ends it and removes it. */
  stop(): void;
}

const START_SECONDS = 60;
const POLL_MILLISECONDS = 50;

let restores = 0;

/**
 * Restores into an empty folder; returns when the recovery is done.
 *
 * @throws {Error} with the end of the log, if the recovery breaks off
 */
export async function restore(server: PostgresServer, options: RestoreOptions): Promise<Restored> {
  const { backup, backups = server.path("backups"), archive = server.path("wal-archive"), target = {} } = options;
  const [port = 0] = await freePorts(1);
  const name = `restored-${++restores}`;
  const folder = server.createFolder(name);
  const data = server.createFolder(join(name, "data"));
  const env = { WAL_ARCHIVE: archive, PGHOST: folder, PGPORT: String(port) };
  const run = (program: string, args: readonly string[]) => server.runToEnd(program, args, env);

  const unpack = 'zstd --quiet --decompress --stdout "$0" | tar --directory="$1" --extract && chmod 0700 "$1"';
  mustSucceed(run("bash", ["-o", "pipefail", "-c", unpack, join(backups, `${backup}.tar.zst`), data]));
  writeFileSync(join(data, "recovery.signal"), "");
  writeFileSync(join(folder, "postgresql.conf"), configuration(folder, port, target));
  writeFileSync(join(folder, "pg_hba.conf"), "local all all trust\n");
  const log = join(folder, "log");
  const conf = `-c config_file=${join(folder, "postgresql.conf")}`;
  const started = run("pg_ctl", ["-D", data, "-o", conf, "-l", log, "-t", String(START_SECONDS), "-s", "-w", "start"]);

  const query = (sql: string) => {
    const outcome = run("psql", ["--no-psqlrc", "-qtA", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-c", sql]);
    return { ...outcome, stdout: outcome.stdout.trim() };
  };
  const isRunning = () => run("pg_ctl", ["-D", data, "status"]).status === 0;
  while (query("SELECT pg_is_in_recovery()").stdout !== "f") {
    if (started.status !== 0 || !isRunning()) {
      const end = readFileSync(log, "utf8").split("\n").slice(-15).join("\n");
      throw new Error(`the recovery broke off:\n${end}`);
    }
    await sleep(POLL_MILLISECONDS);
  }
  const stop = () => {
    run("pg_ctl", ["-D", data, "-s", "-m", "immediate", "stop"]);
    run("rm", ["-rf", folder]);
  };
  return { query, stop };
}

function configuration(folder: string, port: number, target: Readonly<Record<string, string>>): string {
  const options: Readonly<Record<string, string | number>> = {
    listen_addresses: "",
    port,
    unix_socket_directories: folder,
    hba_file: join(folder, "pg_hba.conf"),
    max_wal_senders: 5,
    max_connections: 20,
    shared_buffers: "16MB",
    // It is thrown away.
    fsync: "off",
    restore_command: `"${SCRIPTS}/restore-wal.sh" "%f" "%p"`,
    recovery_target_action: "promote",
    ...target,
  };
  return Object.entries(options)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join("");
}

function mustSucceed({ status, stderr }: Outcome): void {
  if (status !== 0) throw new Error(`the backup can't be unpacked: ${stderr}`);
}

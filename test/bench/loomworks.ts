import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { PostgresServer, postgresBinaries } from "../support/postgres-server";
import type { Row } from "./main";

/** Sizes of the database; 1024 and 5120 take minutes and as many gigabytes of disk. */
const MEGABYTES = (process.env.MEGABYTES ?? "100").split(",").map(Number);

/** Segments of WAL that the archive command is measured with. */
const SEGMENTS = 10;

/** The command of PostgreSQL's manual ("Continuous Archiving"), which syncs nothing. */
const MANUAL = 'test ! -f "$WAL_ARCHIVE/$1" && cp "$0" "$WAL_ARCHIVE/$1"';

/** Backup and drill by size of the database, and what the archive command costs for each segment. */
export async function measureLoomworks(): Promise<Row[]> {
  const binaries = postgresBinaries();
  if (binaries === undefined) throw new Error("PostgreSQL is missing: apt-get install postgresql zstd");
  const rows: Row[] = [];
  for (const megabytes of MEGABYTES) {
    const server = await PostgresServer.start(binaries);
    try {
      rows.push(...measureBackup(server, megabytes));
      if (megabytes === MEGABYTES[0]) rows.push(...measureArchive(server));
    } finally {
      await server.stop();
    }
  }
  return rows;
}

function measureBackup(server: PostgresServer, megabytes: number): Row[] {
  const environment = server.prepareBackups({ count: 1, days: 1 });
  // Half of it packs well, as text does, and half not at all.
  const row =
    "repeat('loomworks ', 50) || encode(sha512(n::text::bytea), 'hex') || encode(sha512((-n)::text::bytea), 'hex')";
  server.query(`CREATE TABLE load AS SELECT n, ${row} AS text FROM generate_series(1, ${megabytes * 1250}) AS n`);
  server.query("CHECKPOINT");
  const time = ["-f", "%e %U %S", "-o", server.path("scratch/time")];
  const script = join(__dirname, "../../constructs/loomworks/scripts/backup.sh");
  const run = server.runToEnd("/usr/bin/time", [...time, script], environment);
  if (run.status !== 0) throw new Error(run.stdout + run.stderr);
  const [seconds = 0, user = 0, system = 0] = readFileSync(server.path("scratch/time"), "utf8").split(" ").map(Number);
  const name = newest(server);
  const { bytes, dataBytes } = JSON.parse(readFileSync(server.path("backups", `${name}.json`), "utf8")) as Metadata;

  const drilled = measureDrill(server);
  const size = `${Math.round(dataBytes / 2 ** 20)} MiB`;
  return [
    [
      `backup of ${size}, verified and packed to ${Math.round(bytes / 2 ** 20)} MiB`,
      `${seconds.toFixed(1)} s (${(dataBytes / 2 ** 20 / seconds).toFixed(0)} MiB/s), ${(user + system).toFixed(1)} s of the clients' CPU`,
    ],
    [
      `drill of ${size}: RTO, until it takes connections; RPO; the whole run with amcheck of each row`,
      `${drilled.rtoSeconds} s; ${drilled.rpoSeconds} s; ${drilled.seconds.toFixed(0)} s`,
    ],
  ];
}

/** The canary row as the roles container keeps it (`scripts/keep-roles.sh`), and segments as the archive's time-out ends them. */
const CANARY = `while sleep 15; do psql -Xqd postgres -c "UPDATE loomworks.canary SET seen = now()"; done`;

function measureDrill(server: PostgresServer): { rtoSeconds: number; rpoSeconds: number; seconds: number } {
  server.query("CREATE SCHEMA loomworks; CREATE TABLE loomworks.canary AS SELECT now() AS seen");
  server.query("SELECT pg_switch_wal()");
  server.run("bash", ["-c", CANARY]);
  const started = Date.now();
  const { status, stdout, stderr } = server.script("drill.sh", [], {
    MAX_RESTORE_MINUTES: "60",
    MAX_LOSS_SECONDS: "600",
  });
  if (status !== 0) throw new Error(stdout + stderr);
  const { rtoSeconds, rpoSeconds } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Drilled;
  return { rtoSeconds, rpoSeconds, seconds: (Date.now() - started) / 1000 };
}

interface Drilled {
  readonly rtoSeconds: number;
  readonly rpoSeconds: number;
}

interface Metadata {
  readonly bytes: number;
  readonly dataBytes: number;
}

/** Full segments as the load wrote them, and one that was switched after a single row, as on a quiet day. */
function measureArchive(server: PostgresServer): Row[] {
  const wal = server.path("data/pg_wal");
  const [full = ""] = readdirSync(wal).filter((name) => /^[0-9A-F]{24}$/.test(name));
  server.query("SELECT pg_switch_wal()");
  server.query("INSERT INTO load VALUES (0, '')");
  const quiet = server.query("SELECT pg_walfile_name(pg_switch_wal())").stdout;
  return [["full", full] as const, ["quiet", quiet] as const].map(([kind, name]) => {
    const segment = server.path("scratch", kind);
    cpSync(join(wal, name), segment);
    const script = join(__dirname, "../../constructs/loomworks/scripts/archive-wal.sh");
    const ours = perSegment(server, (target) => [script, segment, target]);
    const manual = perSegment(server, (target) => ["bash", "-c", MANUAL, segment, target]);
    return [
      `archive command, a ${kind} segment of 16 MiB`,
      `${ours.milliseconds.toFixed(0)} ms and ${kibibytes(ours.bytes)}; the manual's cp, unsynced: ${manual.milliseconds.toFixed(0)} ms and ${kibibytes(manual.bytes)} (${(ours.milliseconds / manual.milliseconds).toFixed(1)} times)`,
    ];
  });
}

function perSegment(server: PostgresServer, command: (target: string) => readonly string[]) {
  const archive = server.createFolder("scratch/archive");
  // As PostgreSQL calls it: there it finds whose the segment is.
  const cwd = server.path("data");
  const started = process.hrtime.bigint();
  for (let index = 0; index < SEGMENTS; index++) {
    const [program = "", ...args] = command(`00000001000000000000000${index}`);
    const { status, stderr } = spawnSync(program, args, {
      encoding: "utf8",
      cwd,
      env: { PATH: process.env.PATH, WAL_ARCHIVE: archive },
    });
    if (status !== 0) throw new Error(stderr);
  }
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6 / SEGMENTS;
  const bytes = readdirSync(archive).reduce((sum, name) => sum + statSync(join(archive, name)).size, 0) / SEGMENTS;
  rmSync(archive, { recursive: true });
  return { milliseconds, bytes };
}

function newest(server: PostgresServer): string {
  const metadata = readdirSync(server.path("backups")).filter((name) => name.endsWith(".json"));
  return (metadata.sort().at(-1) ?? "").replace(".json", "");
}

function kibibytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`;
}

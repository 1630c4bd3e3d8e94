import { join } from "node:path";
import { Construct } from "constructs";
import { Files, readFiles } from "../shared/files";
import { formatBytes, parseQuantity } from "../shared/quantity";
import type { LoomworksSettings } from "../settings/loomworks";

/** Where the ConfigMaps of this file are mounted. */
export const CONFIG_FOLDER = "/etc/postgresql";
export const SCRIPTS_FOLDER = "/scripts";

/** What PostgreSQL shows its clients: a Secret of cert-manager's, and where the server reads it. */
export const CERTIFICATE = { secret: "postgres-tls", folder: "/tls" } as const;

/** What its configuration and probes call; the restore command too, which a restore writes into it. */
const SERVER_SCRIPTS = ["archive-wal.sh", "keep-roles.sh", "probe.sh", "restore-wal.sh"];
const JOB_SCRIPTS = [
  "await-database.sh",
  "backup-before-migration.sh",
  "backup.sh",
  "backups.sh",
  "copy-filestore.sh",
  "copy-offsite.sh",
  "drill.sh",
  "expire-backups.sh",
  "fetch-offsite.sh",
  "lone-server.sh",
  "report.sh",
  "restore-wal.sh",
  "restore.sh",
  "verify-backups.sh",
];

/** PostgreSQL's guide: a quarter of the memory for its own cache, and half to three quarters counted as the system's. */
const BUFFER_SHARE = 1 / 4;
const CACHE_SHARE = 5 / 8;

/** The server's configuration and scripts; those of the jobs apart, so that a new backup script restarts no database. */
export class PostgresConfig extends Construct {
  readonly configuration: Files;
  readonly serverScripts: Files;
  readonly jobScripts: Files;

  constructor(scope: Construct, id: string, settings: LoomworksSettings["postgres"]) {
    super(scope, id);
    this.configuration = new Files(this, "Configuration", {
      name: "postgres-config",
      owner: "postgres",
      data: { "postgresql.conf": postgresqlConf(settings), "pg_hba.conf": PG_HBA, "pg_ident.conf": PG_IDENT },
    });
    this.serverScripts = this.createScripts("postgres-scripts", SERVER_SCRIPTS);
    this.jobScripts = this.createScripts("postgres-job-scripts", JOB_SCRIPTS);
  }

  private createScripts(name: string, files: readonly string[]): Files {
    return new Files(this, name, { name, owner: "postgres", data: scriptFiles(files) });
  }
}

/** The text of each script, by its name. */
export function scriptFiles(names: readonly string[]): Record<string, string> {
  return readFiles(names.map((name) => join(__dirname, "scripts", name)));
}

/**
 * Who may connect from where; what no line names is refused, and so is whoever comes over the network without TLS. Odoo's
 * logins are members of the role `odoo` (`scripts/keep-roles.sh`).
 */
const PG_HBA = `# type   database     user      address        method
local    all          postgres                 peer
local    postgres     exporter                 peer map=exporter
hostssl  replication  backup    all            scram-sha-256
hostssl  all          +odoo     all            scram-sha-256
`;

/** By which user of the system somebody on the socket is known to be the exporter: `nobody`, as it runs in a container beside. */
const PG_IDENT = `# map     system  user
exporter  nobody  exporter
`;

function postgresqlConf({ maxConnections, archiveTimeoutSeconds, resources }: LoomworksSettings["postgres"]): string {
  const memory = parseQuantity(resources.memoryLimit);
  const options: Readonly<Record<string, string | number>> = {
    listen_addresses: "'*'",
    hba_file: `'${CONFIG_FOLDER}/pg_hba.conf'`,
    ident_file: `'${CONFIG_FOLDER}/pg_ident.conf'`,
    password_encryption: "scram-sha-256",
    ssl: "on",
    ssl_cert_file: `'${CERTIFICATE.folder}/tls.crt'`,
    ssl_key_file: `'${CERTIFICATE.folder}/tls.key'`,
    ssl_min_protocol_version: "TLSv1.2",
    max_connections: maxConnections,
    shared_buffers: megabytes(memory * BUFFER_SHARE),
    effective_cache_size: megabytes(memory * CACHE_SHARE),
    wal_level: "replica",
    wal_compression: "on",
    max_wal_senders: 5,
    archive_mode: "on",
    archive_command: `'${SCRIPTS_FOLDER}/archive-wal.sh "%p" "%f"'`,
    archive_timeout: archiveTimeoutSeconds,
    // probe.sh reads what the server answers.
    lc_messages: "C",
    log_checkpoints: "on",
    log_lock_waits: "on",
    log_min_duration_statement: "5s",
    log_line_prefix: "'%m [%p] %q%u@%d '",
  };
  return Object.entries(options)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

/** Whole megabytes in PostgreSQL's notation, where MB means 2^20. */
function megabytes(size: number): string {
  const whole = Math.floor(size / 2 ** 20) * 2 ** 20;
  return formatBytes(whole).replace("Gi", "GB").replace("Mi", "MB");
}

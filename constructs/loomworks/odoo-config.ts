import { join } from "node:path";
import { Construct } from "constructs";
import { Files, readFiles } from "../shared/files";
import { parseQuantity } from "../shared/quantity";
import { CONNECTIONS } from "../settings/footprint";
import type { LoomworksSettings } from "../settings/loomworks";
import { AWAIT_DATABASE, CONNECTION } from "./database-connection";
import { ODOO } from "./odoo-pod";

/** What both Odoo's pods and its jobs call: it makes the configuration, and waits for the server. */
const SHARED_SCRIPTS = [AWAIT_DATABASE, "check-odoo-conf.py", "odoo-databases.sh", "render-odoo-conf.sh", "report.sh"];
const SCRIPTS = [...SHARED_SCRIPTS, "await-release.sh", "odoo-exporter.py", "probe-cron.sh"];
const JOB_SCRIPTS = [...SHARED_SCRIPTS, "copy-database.sh", "migrate-databases.sh"];

/** Longest request, in seconds: imports and large reports. The ingress waits a little longer. */
export const LONGEST_REQUEST_SECONDS = 600;
/** Longest scheduled action, in seconds. */
const LONGEST_CRON_SECONDS = 3600;
/** Odoo ends a worker above "soft" after its request, and at once above "hard": the hard limit of its own defaults is a quarter more. */
const HARD_TO_SOFT = 1.25;

/** Odoo's settings as environment, and its scripts; those of the jobs apart, so that a new one rolls no pods that serve. */
export class OdooConfig extends Construct {
  readonly environment: Files;
  readonly scripts: Files;
  readonly jobScripts: Files;

  constructor(scope: Construct, id: string, settings: LoomworksSettings["odoo"]) {
    super(scope, id);
    this.environment = new Files(this, "Environment", {
      name: "odoo-config",
      owner: ODOO.name,
      data: { ...CONNECTION, ...options(settings) },
    });
    this.scripts = this.createScripts("odoo-scripts", SCRIPTS);
    this.jobScripts = this.createScripts("odoo-job-scripts", JOB_SCRIPTS);
  }

  private createScripts(name: string, files: readonly string[]): Files {
    const data = readFiles(files.map((file) => join(__dirname, "scripts", file)));
    return new Files(this, name, { name, owner: ODOO.name, data });
  }
}

/** Options of odoo.conf, in the notation that render-odoo-conf.sh reads. */
function options({ workers, resources }: LoomworksSettings["odoo"]): Record<string, string> {
  const share = parseQuantity(resources.memoryLimit) / (workers + 1);
  const values: Readonly<Record<string, string | number>> = {
    data_dir: ODOO.dataFolder,
    http_port: ODOO.httpPort,
    gevent_port: ODOO.websocketPort,
    // Traefik stands in front and sets X-Forwarded-Host, without which Odoo ignores the other forwarded headers.
    proxy_mode: "True",
    workers,
    // Scheduled actions have a Deployment of their own, whose command line says how many.
    max_cron_threads: 0,
    // acme.loomworks.app sees the database "acme", and nobody sees the list of them.
    dbfilter: "^%d$",
    list_db: "False",
    // Odoo names a mode of its own to libpq, which then reads none from the environment.
    db_sslmode: CONNECTION.PGSSLMODE,
    db_maxconn: CONNECTIONS.worker,
    db_maxconn_gevent: CONNECTIONS.websocket,
    limit_memory_soft: Math.floor(share / HARD_TO_SOFT),
    limit_memory_hard: Math.floor(share),
    limit_time_cpu: LONGEST_REQUEST_SECONDS,
    limit_time_real: LONGEST_REQUEST_SECONDS,
    limit_time_real_cron: LONGEST_CRON_SECONDS,
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`ODOO_CONF_${name.toUpperCase()}`, String(value)]),
  );
}

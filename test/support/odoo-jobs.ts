/** Odoo's jobs as processes, on a real PostgreSQL: their pods' environment, their steps, and a stand-in for Odoo itself. */
import { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { eventually } from "../cluster/eventually";
import { Outcome, postgresBinaries, PostgresServer, SCRIPTS } from "./postgres-server";

/** Folder with the stand-in for Odoo's program, and the program itself. */
const STAND_IN = join(__dirname, "odoo");
export const ODOO_PROGRAM = join(STAND_IN, "odoo");

const LOGIN = { user: "odoo_first", password: "first" } as const;

export class OdooJobs {
  private constructor(readonly server: PostgresServer) {}

  /** Has the roles made as PostgreSQL's pod does. */
  static async on(server: PostgresServer): Promise<OdooJobs> {
    server.writeCredentials("postgres-credentials", LOGIN.user, LOGIN.password);
    server.writeCredentials("postgres-backup-credentials", "backup", "copy");
    server.background("keep-roles.sh", { KEEP_ROLES_INTERVAL: "0.2" });
    const jobs = new OdooJobs(server);
    await eventually(() => jobs.query("postgres", "SELECT count(*) FROM loomworks.odoo_releases") === "0", {
      what: "the roles and the table of releases",
    });
    server.createFolder("filestore");
    return jobs;
  }

  /** A database as Odoo leaves it, updated by `release` or by none. */
  createDatabase(name: string, release?: string): void {
    const env = this.environment({ PGDATABASE: name });
    const { status, stderr } = this.server.runToEnd(ODOO_PROGRAM, ["--database", name, "--init", "base"], env);
    if (status !== 0) throw new Error(stderr);
    if (release !== undefined) {
      this.query(name, `INSERT INTO ir_config_parameter (key, value) VALUES ('loomworks.release', '${release}')`);
    }
  }

  /** One value, as Odoo's login sees it; the server's complaint where there is none. */
  query(database: string, sql: string): string {
    const { status, stdout, stderr } = this.server.query(sql, { ...LOGIN, database });
    return status === 0 ? stdout : stderr;
  }

  /** Names of all databases but the server's own. */
  databases(): string[] {
    const { stdout } = this.server.query(
      "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1",
    );
    return stdout === "" ? [] : stdout.split("\n");
  }

  /** Drops all databases and files, and forgets what was migrated. */
  clear(): void {
    for (const name of this.databases())
      this.server.query(`DROP DATABASE "${name.replaceAll('"', '""')}" WITH (FORCE)`);
    this.server.query("TRUNCATE loomworks.odoo_releases");
    rmSync(this.server.path("filestore"), { recursive: true });
    this.server.createFolder("filestore");
    rmSync(this.callsFile(), { force: true });
  }

  /** What Odoo's program was called with, since the last {@link clear}. */
  calls(): string[] {
    return existsSync(this.callsFile()) ? readFileSync(this.callsFile(), "utf8").trimEnd().split("\n") : [];
  }

  /** A folder in which the containers of one pod leave each other word. */
  pod(): string {
    return this.server.createFolder(basename(mkdtempSync(this.server.path("work-"))));
  }

  /** One script of a pod, to its end. */
  script(name: string, args: readonly string[], env: Record<string, string>): Outcome {
    return this.server.script(name, args, this.environment(env));
  }

  /** The same, left running. */
  start(name: string, args: readonly string[], env: Record<string, string>): ChildProcess {
    return this.server.run(join(SCRIPTS, name), args, this.environment(env));
  }

  private environment(more: Record<string, string>): Record<string, string> {
    return {
      ...this.server.connectionOf(LOGIN.user, LOGIN.password),
      PATH: [STAND_IN, postgresBinaries(), process.env.PATH].join(":"),
      ODOO_CONF: "/etc/odoo-rendered/odoo.conf",
      ODOO_CALLS: this.callsFile(),
      FILESTORE: this.server.path("filestore"),
      SERVER_SECONDS: "20",
      ...more,
    };
  }

  private callsFile(): string {
    return this.server.path("scratch", "odoo-calls");
  }
}

/** The exit code of a process, when it has ended. */
export function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((done) => child.once("exit", (code) => done(code)));
}

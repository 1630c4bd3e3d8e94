/** A real PostgreSQL server, configured by the manifests, in a folder that goes with it. */
import { ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../cluster/probe";
import { CONNECTION } from "../../constructs/loomworks/database-connection";
import { CERTIFICATE } from "../../constructs/loomworks/postgres-config";
import { synthesizeLoomworks } from "./loomworks";
import { PostgresTls } from "./postgres-tls";

export const SCRIPTS = resolve(__dirname, "../../constructs/loomworks/scripts");
const DEBIAN_FOLDER = "/usr/lib/postgresql";

/** The newest PostgreSQL that Debian's packages have installed, or none. */
export function postgresBinaries(): string | undefined {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a)) : [];
  return versions
    .map((version) => join(DEBIAN_FOLDER, version, "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));
}

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingPostgres(): string | undefined {
  return postgresBinaries() === undefined
    ? "PostgreSQL's server is not installed (Debian: apt-get install postgresql zstd)"
    : undefined;
}

/** Few, so that a test can take all of them. */
export const TEST_MAX_CONNECTIONS = 20;

const START = { tries: 300, pauseMilliseconds: 100 } as const;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PostgresServerOptions {
  /** Folders in which the server finds programs before all others: a test's stand-ins. @default none */
  readonly programs?: readonly string[];
  /** Called with the folder that is to hold the data before anything is in it. */
  readonly beforeInitialize?: (server: PostgresServer) => void;
}

/** PostgreSQL refuses to run as root: as root, everything here runs as the user that its package made. */
const identity = process.getuid?.() === 0 ? { uid: numericId("-u"), gid: numericId("-g") } : {};

export class PostgresServer {
  tls!: PostgresTls;
  readonly folder = mkdtempSync(join(tmpdir(), "loomworks-postgres-"));
  private readonly children: ChildProcess[] = [];
  private server?: ChildProcess;

  private constructor(
    private readonly binaries: string,
    readonly port: number,
    private readonly options: PostgresServerOptions,
  ) {}

  static async start(binaries: string, options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const [port = 0] = await freePorts(1);
    const server = new PostgresServer(binaries, port, options);
    server.createFolders();
    options.beforeInitialize?.(server);
    server.initialize();
    await server.boot();
    return server;
  }

  /** Path of a folder or file of this server. */
  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Runs one of our scripts to its end, as the container does. */
  script(name: string, args: readonly string[] = [], env: Record<string, string> = {}): Outcome {
    return this.runToEnd(join(SCRIPTS, name), args, env);
  }

  /** Leaves one of our scripts running until the server is stopped, or it is killed with all that it started. */
  background(name: string, env: Record<string, string> = {}): ChildProcess {
    return this.run(join(SCRIPTS, name), [], env);
  }

  /** Leaves a program running beside the server, as a leader of its process group. */
  run(program: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const options = { env: this.environment(env), stdio: "ignore", detached: true, ...identity } as const;
    const child = spawn(program, args, options);
    this.children.push(child);
    return child;
  }

  /** What became of a program that was run to its end. */
  runToEnd(program: string, args: readonly string[], env: Record<string, string> = {}): Outcome {
    return spawnSync(program, args, { encoding: "utf8", env: this.environment(env), ...identity });
  }

  /** Ends the server and all its processes as the end of its node would. */
  async kill(): Promise<void> {
    const postmaster = this.server;
    if (postmaster?.pid === undefined || postmaster.exitCode !== null || postmaster.signalCode !== null) return;
    const ended = new Promise((done) => postmaster.once("exit", done));
    const backends = childrenOf(postmaster.pid);
    postmaster.kill("SIGKILL");
    for (const pid of backends) killSilently(pid);
    await ended;
  }

  /** Whether it still runs, as far as was seen. */
  isRunning(): boolean {
    return this.server?.exitCode === null && this.server.signalCode === null;
  }

  /** One value, asked for by the superuser over the socket, or by a role over TCP. */
  query(sql: string, role?: { readonly user: string; readonly password: string; readonly database?: string }): Outcome {
    const how: Record<string, string> = role === undefined ? {} : this.connectionOf(role.user, role.password);
    const args = ["--no-psqlrc", "-qtA", "-v", "ON_ERROR_STOP=1", "-d", role?.database ?? "postgres", "-c", sql];
    const { status, stdout, stderr } = this.runToEnd("psql", args, how);
    return { status, stdout: stdout.trim(), stderr };
  }

  /** Holds as many connections of a role, until the returned function is called. */
  takeConnections(count: number, role: { readonly user: string; readonly password: string }): () => void {
    const env = this.environment(this.connectionOf(role.user, role.password));
    const args = ["--no-psqlrc", "-d", "postgres", "-c", "SELECT pg_sleep(60)"];
    const held = Array.from({ length: count }, () => spawn("psql", args, { env, stdio: "ignore", ...identity }));
    this.children.push(...held);
    return () => {
      for (const child of held) child.kill("SIGKILL");
      this.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'");
    };
  }

  /**
   * Makes the role that backups are taken by, as keep-roles.sh does, and returns what `backup.sh` needs to use it.
   *
   * @param keep retention, as the settings have it
   */
  prepareBackups(keep: { readonly count: number; readonly days: number }): Record<string, string> {
    const { status, stderr } = this.query("CREATE ROLE backup LOGIN REPLICATION PASSWORD 'copy'");
    if (status !== 0) throw new Error(stderr);
    return { ...this.connectionOf("backup", "copy"), KEEP_COUNT: String(keep.count), KEEP_DAYS: String(keep.days) };
  }

  /** What a pod's environment has for a role: TLS alone, by a certificate that it can verify, from the authority of these tests. */
  connectionOf(user: string, password: string): Record<string, string> {
    const verified = { PGSSLMODE: CONNECTION.PGSSLMODE, PGSSLROOTCERT: this.path("tls/ca.crt") };
    return { PGHOST: "localhost", PGUSER: user, PGPASSWORD: password, ...verified };
  }

  signal(name: NodeJS.Signals): void {
    this.server?.kill(name);
  }

  writeCredentials(secret: string, username: string, password: string): void {
    const folder = this.path("credentials", secret);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "username"), username);
    writeFileSync(join(folder, "password"), password);
  }

  /** Its processes whose title contains a text, such as "checkpointer". */
  processes(title: string): number[] {
    const parent = String(this.server?.pid);
    const { stdout } = spawnSync("ps", ["--no-headers", "-o", "pid,args", "--ppid", parent], { encoding: "utf8" });
    const lines = stdout.split("\n").filter((line) => line.includes(title));
    return lines.map((line) => Number.parseInt(line, 10));
  }

  async stop(): Promise<void> {
    for (const { pid } of this.children) if (pid !== undefined) killSilently(-pid);
    this.signal("SIGCONT");
    if (this.isRunning()) {
      const ended = new Promise((done) => this.server?.once("exit", done));
      this.signal("SIGINT");
      await ended;
    }
    rmSync(this.folder, { recursive: true });
  }

  /** Makes a folder below the server's that it may write to. */
  createFolder(name: string): string {
    mkdirSync(this.path(name), { recursive: true });
    if (identity.uid !== undefined) chownSync(this.path(name), identity.uid, identity.gid);
    return this.path(name);
  }

  private createFolders(): void {
    for (const name of ["", "socket", "wal-archive", "backups", "metrics", "scratch", "config", "credentials", "tls"]) {
      this.createFolder(name);
    }
    this.tls = new PostgresTls(this.path("authorities"), this.path("tls"), identity);
  }

  private initialize(): void {
    const args = ["--pgdata", this.path("data"), "--data-checksums", "--auth-local=peer", "--auth-host=scram-sha-256"];
    const pwfile = this.path("config", "superuser-password");
    writeFileSync(pwfile, "superuser");
    const { status, stderr } = spawnSync(
      join(this.binaries, "initdb"),
      [...args, "--username=postgres", "--pwfile", pwfile],
      {
        encoding: "utf8",
        ...identity,
      },
    );
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
    const { data } = synthesizeLoomworks().find("ConfigMap", "postgres-config");
    for (const name of ["pg_hba.conf", "pg_ident.conf"]) writeFileSync(this.path("config", name), data[name]);
    writeFileSync(this.path("config/postgresql.conf"), this.placed(data["postgresql.conf"]));
  }

  /** The manifests' configuration, with this server's folders in the place of the pod's. */
  private placed(configuration: string): string {
    return configuration
      .replaceAll("/etc/postgresql/", `${this.path("config")}/`)
      .replace("/scripts/", `${SCRIPTS}/`)
      .replaceAll(`${CERTIFICATE.folder}/`, `${this.path("tls")}/`)
      .replace(/^shared_buffers = .*/m, "shared_buffers = 16MB")
      .replace(/^max_connections = .*/m, `max_connections = ${TEST_MAX_CONNECTIONS}`)
      .concat(`port = ${this.port}\nunix_socket_directories = '${this.path("socket")}'\n`);
  }

  /** Starts it, and doesn't wait for it. */
  launch(settings: Readonly<Record<string, string>> = {}): void {
    const named = Object.entries({ config_file: this.path("config/postgresql.conf"), ...settings });
    const args = ["-D", this.path("data"), ...named.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
    const path = [...(this.options.programs ?? []), this.environment().PATH].join(":");
    this.server = spawn(join(this.binaries, "postgres"), args, {
      env: this.environment({ PATH: path }),
      stdio: ["ignore", "ignore", openSync(this.path("server.log"), "a")],
      ...identity,
    });
  }

  /** Starts it, and returns when it takes connections, its recovery done. */
  async boot(): Promise<void> {
    this.launch();
    for (let attempt = 0; attempt < START.tries; attempt++) {
      if (this.script("probe.sh", ["ready"]).status === 0) return;
      if (!this.isRunning()) break;
      await sleep(START.pauseMilliseconds);
    }
    const log = readFileSync(this.path("server.log"), "utf8").split("\n").slice(-15).join("\n");
    throw new Error(`PostgreSQL did not start:\n${log}`);
  }

  private environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
    return {
      PATH: `${this.binaries}:${process.env.PATH ?? ""}`,
      PGHOST: this.path("socket"),
      PGPORT: String(this.port),
      PGUSER: "postgres",
      PGDATA: this.path("data"),
      WAL_ARCHIVE: this.path("wal-archive"),
      BACKUPS: this.path("backups"),
      METRICS: this.path("metrics"),
      SCRATCH: this.path("scratch"),
      CREDENTIALS: this.path("credentials"),
      CERTIFICATE: this.path("tls"),
      ...more,
    };
  }
}

function numericId(flag: "-u" | "-g"): number {
  return Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["--no-headers", "-o", "pid", "--ppid", String(pid)], { encoding: "utf8" });
  return stdout.split("\n").map(Number).filter(Boolean);
}

/** @param pid of a process, or negated of a process group */
export function killSilently(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

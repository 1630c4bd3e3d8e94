/** A real MariaDB server of a suite's own, in a folder that goes with it. Stands in for MySQL where its protocol matters. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { Keeper, KeptProgram, tailOf } from "../cluster/keeper";
import { freePorts } from "../cluster/probe";

export interface MariaDb {
  readonly host: string;
  /** The same after each {@link start}. */
  readonly port: number;
  /** Of `root`, who may do everything, over TCP. */
  readonly rootPassword: string;
  /** For `mariadb --socket=…`; the password is asked for there too. */
  readonly socket: string;
  /** Ends it as a crash would, without a goodbye; its data stay. */
  kill(): Promise<void>;
  /** Has it run again after {@link kill}, on the same data; returns when it takes connections. */
  start(): Promise<void>;
  /** Ends it and removes its folder. So does the end of the test process, however that comes. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
/** Debian's place of the server, which a normal user's PATH leaves out. */
const FOLDERS = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
const PROGRAMS = { server: "mariadbd", install: "mariadb-install-db" } as const;
const READY = { tries: 300, pauseMilliseconds: 100 } as const;

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingMariaDb(): string | undefined {
  const missing = Object.values(PROGRAMS).find((program) => pathOf(program) === undefined);
  return missing === undefined ? undefined : `${missing} is missing: apt-get install mariadb-server`;
}

/** Returns when it takes connections. */
export async function startMariaDb(): Promise<MariaDb> {
  const keeper = new Keeper("loomworks-mariadb-");
  try {
    const [port = 0] = await freePorts(1);
    const server = new KeptMariaDb(keeper, port);
    server.initialize();
    await server.start();
    return server;
  } catch (error) {
    await keeper.release();
    throw error;
  }
}

class KeptMariaDb implements MariaDb {
  readonly host = HOST;
  readonly rootPassword = randomBytes(12).toString("hex");
  readonly socket: string;
  private readonly data: string;
  private readonly accounts: string;
  private program: KeptProgram | undefined;
  private hasAccounts = false;

  constructor(
    private readonly keeper: Keeper,
    readonly port: number,
  ) {
    this.data = join(keeper.folder, "data");
    this.socket = join(this.data, "mariadb.sock");
    this.accounts = join(keeper.folder, "accounts.sql");
  }

  initialize(): void {
    const owner = identity();
    mkdirSync(this.data);
    writeFileSync(this.accounts, accountsSql(this.rootPassword));
    if (owner !== undefined) {
      chmodSync(this.keeper.folder, 0o711);
      for (const path of [this.data, this.accounts]) chownSync(path, owner.uid, owner.gid);
    }
    const args = [...this.common(), "--auth-root-authentication-method=normal", "--skip-test-db"];
    const { status, stderr, stdout } = spawnSync(pathOf(PROGRAMS.install)!, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`mariadb-install-db failed: ${stderr}${stdout}`);
  }

  async start(): Promise<void> {
    if (this.program?.isRunning() === true) throw new Error("MariaDB runs already");
    const args = [
      ...this.common(),
      `--port=${this.port}`,
      `--bind-address=${HOST}`,
      `--socket=${this.socket}`,
      "--skip-name-resolve",
      "--character-set-server=utf8mb4",
      "--collation-server=utf8mb4_unicode_ci",
      "--innodb-buffer-pool-size=32M",
      // What the kernel has outlives a killed process; only the end of the machine would lose it.
      "--innodb-flush-log-at-trx-commit=2",
      // Before the first connection, so that nobody finds an account without a password.
      ...(this.hasAccounts ? [] : [`--init-file=${this.accounts}`]),
    ];
    this.program = this.keeper.start("mariadbd", pathOf(PROGRAMS.server)!, args);
    await this.untilReady(this.program);
    this.hasAccounts = true;
  }

  async kill(): Promise<void> {
    await this.program?.kill();
  }

  async stop(): Promise<void> {
    await this.keeper.release();
  }

  /** Without the files below /etc: those are a system service's. As root, it becomes the user that its package made. */
  private common(): string[] {
    const user = identity() === undefined ? [] : ["--user=mysql"];
    return ["--no-defaults", ...user, `--datadir=${this.data}`, `--tmpdir=${this.data}`];
  }

  private async untilReady(program: KeptProgram): Promise<void> {
    const { host, port, rootPassword: password } = this;
    for (let attempt = 0; attempt < READY.tries && program.isRunning(); attempt += 1) {
      try {
        await (await createConnection({ host, port, user: "root", password })).end();
        return;
      } catch {
        await sleep(READY.pauseMilliseconds);
      }
    }
    throw new Error(`MariaDB did not start; the end of its log:\n${tailOf(program.log)}`);
  }
}

/** One statement a line, as `--init-file` asks for. */
function accountsSql(rootPassword: string): string {
  return [
    "DELETE FROM mysql.global_priv WHERE User IN ('', 'root');",
    "FLUSH PRIVILEGES;",
    ...[HOST, "localhost"].flatMap((host) => [
      `CREATE USER 'root'@'${host}' IDENTIFIED BY '${rootPassword}';`,
      `GRANT ALL PRIVILEGES ON *.* TO 'root'@'${host}' WITH GRANT OPTION;`,
    ]),
  ].join("\n");
}

function pathOf(program: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** Whom it runs as where the tests run as root, which it refuses to be. */
function identity(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(spawnSync("id", [flag, "mysql"], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}

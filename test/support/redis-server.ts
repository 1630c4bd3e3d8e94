/** A real Redis server of a suite's own, in a folder that goes with it, set up as the platform's is. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Redis from "ioredis";
import { Keeper, KeptProgram, tailOf } from "../cluster/keeper";
import { freePorts } from "../cluster/probe";

export interface RedisServer {
  /** With its password; the same after each {@link start}. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** Ends it as a crash would, without a goodbye; its data stay. */
  kill(): Promise<void>;
  /** Has it run again after {@link kill}; returns when it answers. */
  start(options?: RestartOptions): Promise<void>;
  /** Ends it and removes its folder. So does the end of the test process, however that comes. */
  stop(): Promise<void>;
}

export interface RestartOptions {
  /** Whether it has what it had; without, it is as empty as a new one. @default true */
  readonly withData?: boolean;
}

const HOST = "127.0.0.1";
const PROGRAM = "redis-server";
const READY = { tries: 200, pauseMilliseconds: 50 } as const;

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingRedis(): string | undefined {
  return redisProgram() === undefined ? `${PROGRAM} is missing: apt-get install redis-server` : undefined;
}

/** Returns when it answers. */
export async function startRedis(): Promise<RedisServer> {
  const keeper = new Keeper("loomworks-redis-");
  try {
    const [port = 0] = await freePorts(1);
    const server = new KeptRedis(keeper, port);
    await server.start();
    return server;
  } catch (error) {
    await keeper.release();
    throw error;
  }
}

class KeptRedis implements RedisServer {
  readonly host = HOST;
  readonly password = randomBytes(12).toString("hex");
  readonly url: string;
  private readonly data: string;
  private program: KeptProgram | undefined;

  constructor(
    private readonly keeper: Keeper,
    readonly port: number,
  ) {
    this.url = `redis://:${this.password}@${HOST}:${port}/0`;
    this.data = join(keeper.folder, "data");
  }

  async start({ withData = true }: RestartOptions = {}): Promise<void> {
    if (this.program?.isRunning() === true) throw new Error("Redis runs already");
    if (!withData) rmSync(this.data, { recursive: true, force: true });
    mkdirSync(this.data, { recursive: true });
    const configuration = join(this.keeper.folder, "redis.conf");
    // In a file, so that the password stands in no command line.
    writeFileSync(configuration, this.configuration(), { mode: 0o600 });
    this.program = this.keeper.start(PROGRAM, redisProgram()!, [configuration]);
    await this.untilReady(this.program);
  }

  async kill(): Promise<void> {
    await this.program?.kill();
  }

  async stop(): Promise<void> {
    await this.keeper.release();
  }

  /** The platform's own settings: every write in the append-only file, and nothing ever thrown out. */
  private configuration(): string {
    return [
      `bind ${HOST}`,
      `port ${this.port}`,
      `requirepass ${this.password}`,
      `dir ${this.data}`,
      "appendonly yes",
      "appendfsync everysec",
      'save ""',
      "maxmemory-policy noeviction",
      "",
    ].join("\n");
  }

  private async untilReady(program: KeptProgram): Promise<void> {
    for (let attempt = 0; attempt < READY.tries && program.isRunning(); attempt += 1) {
      const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
      client.on("error", () => undefined);
      try {
        await client.connect();
        await client.ping();
        return;
      } catch {
        await sleep(READY.pauseMilliseconds);
      } finally {
        client.disconnect();
      }
    }
    throw new Error(`Redis did not start; the end of its log:\n${tailOf(program.log)}`);
  }
}

/** Where the program is, if it is installed. */
export function redisProgram(): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/bin", "/usr/local/bin"];
  return folders.map((folder) => join(folder, PROGRAM)).find((path) => existsSync(path));
}

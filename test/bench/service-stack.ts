/** API and workers as production has them, bundled, on a MariaDB and a Redis of their own; there is no Kubernetes. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { openStore, Store } from "../../clones/store/open";
import { prepareDatabase } from "../../clones/store/prepare";
import { eventually } from "../cluster";
import { Keeper, KeptProgram, tailOf } from "../cluster/keeper";
import { freePorts, httpAnswers } from "../cluster/probe";
import { MariaDb, startMariaDb } from "../support/mariadb-server";
import { RedisServer, startRedis } from "../support/redis-server";

const ROOT = resolve(__dirname, "../..");
const PASSWORD = "job-store-of-the-bench";
const DATABASE = "clone_jobs";

/** Nobody listens there: what asks Kubernetes isn't measured. */
const NO_KUBERNETES = `apiVersion: v1
kind: Config
current-context: none
contexts: [{ name: none, context: { cluster: none, user: none } }]
clusters: [{ name: none, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: none, user: {} }]
`;

/** In MiB. */
export interface Memory {
  readonly now: number;
  /** The highest that it ever was. */
  readonly most: number;
}

export class ServiceStack {
  private readonly keeper = new Keeper("loomworks-bench-");
  private readonly vaultKeys = `bench:${randomBytes(32).toString("base64")}`;
  private database!: MariaDb;
  private redis!: RedisServer;
  /** Takes spans as production's collector does, and forgets them. */
  private readonly collector = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  });
  store!: Store;
  key = "";
  url = "";

  /** Database, queue and API. */
  static async start(): Promise<ServiceStack> {
    const stack = new ServiceStack();
    try {
      stack.bundle("api", "server");
      stack.bundle("worker", "../test/support/bench-worker");
      writeFileSync(stack.path("kubeconfig"), NO_KUBERNETES);
      await new Promise<void>((listening) => stack.collector.listen(0, "127.0.0.1", listening));
      [stack.redis, stack.database] = [await startRedis(), await startMariaDb()];
      const { host, port, rootPassword } = stack.database;
      await prepareDatabase({
        adminUrl: `mysql://root:${rootPassword}@${host}:${port}/${DATABASE}`,
        password: PASSWORD,
      });
      stack.store = openStore(`mysql://job_store:${PASSWORD}@${host}:${port}/${DATABASE}`);
      const scopes = ["clones:read", "clones:write"] as const;
      const key = { tenantId: "acme", name: "bench", scopes, ratePerMinute: 1_000_000 };
      stack.key = (await stack.store.apiKeys.create(key)).text;
      await stack.startApi();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  async startWorker(concurrency: number): Promise<KeptProgram> {
    const [port = 0] = await freePorts(1);
    const env = { METRICS_PORT: String(port), WORKER_CONCURRENCY: String(concurrency), WORKER_GRACE_SECONDS: "5" };
    return await this.run("worker", "bench-worker.js", env, `http://127.0.0.1:${port}/healthz`);
  }

  /** Stops the process where it is, for as long as `work` takes. */
  async whileHeld<T>(name: string, work: () => Promise<T>): Promise<T> {
    const pid = this.pidOf(name);
    process.kill(pid, "SIGSTOP");
    try {
      return await work();
    } finally {
      process.kill(pid, "SIGCONT");
    }
  }

  /** Of the process alone; nothing where the kernel doesn't tell (macOS). */
  memoryOf(name: string): Memory | undefined {
    let status: string;
    try {
      status = readFileSync(`/proc/${this.pidOf(name)}/status`, "utf8");
    } catch {
      return undefined;
    }
    const of = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
    return { now: of("VmRSS"), most: of("VmHWM") };
  }

  async stop(): Promise<void> {
    await this.keeper.release();
    this.collector.closeAllConnections();
    this.collector.close();
    await (this.store as Store | undefined)?.close();
    await (this.redis as RedisServer | undefined)?.stop();
    await (this.database as MariaDb | undefined)?.stop();
  }

  private async startApi(): Promise<void> {
    const [port = 0, metrics = 0] = await freePorts(2);
    this.url = `http://127.0.0.1:${port}`;
    const env = { PORT: String(port), METRICS_PORT: String(metrics) };
    await this.run("api", "server.js", env, `${this.url}/readyz`);
  }

  /** Each in a folder of its own, beside which no node_modules lie. */
  private bundle(name: string, entry: string): void {
    execFileSync(process.execPath, [join(ROOT, "clones/image/build.mjs"), this.path(name), entry], {
      stdio: "inherit",
    });
  }

  private async run(name: string, file: string, env: Record<string, string>, url: string): Promise<KeptProgram> {
    const all = { cwd: this.path(name), env: { ...this.environment(), ...env } };
    const program = this.keeper.start(name, process.execPath, [file], all);
    const answers = async () => {
      if (!program.isRunning()) throw new Error(tailOf(program.log));
      return await httpAnswers(url);
    };
    await eventually(answers, { what: `${name} answers`, timeoutMs: 60_000 });
    return program;
  }

  private environment(): Record<string, string> {
    return {
      HOST: "127.0.0.1",
      KUBECONFIG: this.path("kubeconfig"),
      JOBS_DATABASE_HOST: this.database.host,
      JOBS_DATABASE_PORT: String(this.database.port),
      JOBS_DATABASE_PASSWORD: PASSWORD,
      REDIS_HOST: this.redis.host,
      REDIS_PORT: String(this.redis.port),
      REDIS_PASSWORD: this.redis.password,
      CLONE_VAULT_KEYS: this.vaultKeys,
      CLONE_WEBHOOK_SECRET: "webhook-secret-of-the-bench-of-32",
      CLONE_EXPOSE_CREDENTIALS: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(this.collector.address() as AddressInfo).port}`,
    };
  }

  private path(name: string): string {
    return join(this.keeper.folder, name);
  }

  private pidOf(name: string): number {
    return Number(readFileSync(join(this.keeper.folder, "run", name), "utf8"));
  }
}

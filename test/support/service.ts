/** The whole clone service as processes of their own, on a real MariaDB and a real Redis. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openStore, Store } from "../../clones/store/open";
import { Keeper, KeptProgram, tailOf } from "../cluster/keeper";
import { eventually } from "../cluster";
import { freePorts, httpAnswers } from "../cluster/probe";
import type { MariaDb } from "./mariadb-server";
import type { RedisServer } from "./redis-server";
import { ServiceServers, startServiceServers } from "./service-servers";

const ROOT = resolve(__dirname, "../..");
const API = join(ROOT, "clones/server.ts");
const WORKER = join(__dirname, "service-worker.ts");

/** Until a process that is compiled on the way answers, on a machine that does other things too. */
const START_MILLISECONDS = 90_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
  readonly milliseconds: number;
}

export class ServiceUnderTest {
  private readonly keeper = new Keeper("loomworks-service-");
  private readonly workers: KeptProgram[] = [];
  private started = 0;
  private api: KeptProgram | undefined;
  private port = 0;
  store!: Store;
  key = "";

  private constructor(
    private readonly kubeconfig: string,
    private readonly servers: ServiceServers,
  ) {}

  /** Database, queue and API; workers are the suite's to start. */
  static async start(kubeconfig: string): Promise<ServiceUnderTest> {
    const servers = await startServiceServers();
    const service = new ServiceUnderTest(kubeconfig, servers);
    service.store = openStore(servers.storeUrl);
    service.key = await service.newKey("acme");
    await service.startApi();
    return service;
  }

  get redis(): RedisServer {
    return this.servers.redis;
  }

  get database(): MariaDb {
    return this.servers.database;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async newKey(tenantId: string): Promise<string> {
    const scopes = ["clones:read", "clones:write", "restore"] as const;
    const made = await this.store.apiKeys.create({ tenantId, name: "test", scopes, ratePerMinute: 1_000_000 });
    return made.text;
  }

  async startApi(): Promise<void> {
    const [port = 0, metrics = 0] = await freePorts(2);
    this.port = port;
    this.api = this.run("api", API, { PORT: String(port), METRICS_PORT: String(metrics) });
    await this.answers(this.api, `${this.url}/readyz`);
  }

  async startWorkers(count: number, concurrency = 10): Promise<void> {
    await Promise.all(Array.from({ length: count }, async () => await this.startWorker(concurrency)));
  }

  async startWorker(concurrency = 10): Promise<void> {
    this.started += 1;
    const name = `worker-${this.started}`;
    const [metrics = 0] = await freePorts(1);
    const env = { METRICS_PORT: String(metrics), WORKER_CONCURRENCY: String(concurrency), WORKER_GRACE_SECONDS: "5" };
    const worker = this.run(name, WORKER, env);
    await this.answers(worker, `http://127.0.0.1:${metrics}/healthz`);
    this.workers.push(worker);
  }

  /** Ends the longest-lived worker as the end of its node would. */
  async killWorker(): Promise<void> {
    await this.workers.shift()?.kill();
  }

  async killApi(): Promise<void> {
    await this.api?.kill();
  }

  async call(method: string, path: string, body?: object, key = this.key): Promise<Answer> {
    const begun = performance.now();
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    const { status, headers } = response;
    return { status, headers, body: isJson ? JSON.parse(text) : text, milliseconds: performance.now() - begun };
  }

  /** All lines that its processes wrote. */
  logs(): string {
    const names = ["api", ...Array.from({ length: this.started }, (_, index) => `worker-${index + 1}`)];
    return names.map((name) => readFileSync(join(this.keeper.folder, "logs", `${name}.log`), "utf8")).join("");
  }

  async stop(): Promise<void> {
    await this.keeper.release();
    await this.store.close();
    await this.servers.stop();
  }

  private run(name: string, file: string, env: Record<string, string>): KeptProgram {
    return this.keeper.start(name, process.execPath, ["--import", "tsx", file], {
      cwd: ROOT,
      env: {
        ...this.servers.environment,
        KUBECONFIG: this.kubeconfig,
        CLONE_ALLOW_PRIVATE_SOURCES: "true",
        ...env,
      },
    });
  }

  private async answers(program: KeptProgram, url: string): Promise<void> {
    await eventually(
      async () => {
        if (!program.isRunning()) throw new Error(tailOf(program.log));
        return await httpAnswers(url);
      },
      { what: `${program.name} answers`, timeoutMs: START_MILLISECONDS },
    );
  }
}

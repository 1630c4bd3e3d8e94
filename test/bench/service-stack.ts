/** API and workers as production has them, bundled, on a MariaDB and a Redis of their own; there is no Kubernetes. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { openStore, Store } from "../../clones/store/open";
import { eventually } from "../cluster";
import { Keeper, KeptProgram, tailOf } from "../cluster/keeper";
import { freePorts, httpAnswers } from "../cluster/probe";
import { ServiceServers, startServiceServers } from "../support/service-servers";

const ROOT = resolve(__dirname, "../..");

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
  private servers!: ServiceServers;
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
      stack.servers = await startServiceServers();
      stack.store = openStore(stack.servers.storeUrl);
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
    await (this.servers as ServiceServers | undefined)?.stop();
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
      ...this.servers.environment,
      KUBECONFIG: this.path("kubeconfig"),
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

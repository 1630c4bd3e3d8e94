/** Stand-ins of Odoo's pods behind a balancer, rolled as a Deployment with maxSurge 1 and maxUnavailable 0 rolls them. */
import { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../cluster/probe";
import { eventually } from "../cluster/eventually";
import { ODOO_PROGRAM } from "./odoo-jobs";
import { killSilently, PostgresServer, SCRIPTS } from "./postgres-server";
import { PYTHON } from "./python";

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface Answer {
  readonly status: number;
  readonly body: {
    readonly owner?: string;
    readonly login?: string;
    readonly listed?: number;
    readonly error?: string;
  };
}

function serving(database: string, port: number, websocketPort: number): string[] {
  const ports = ["--http-port", String(port), "--gevent-port", String(websocketPort)];
  return [
    ...ports,
    "--http-interface",
    "127.0.0.1",
    "--workers",
    "2",
    "--max-cron-threads",
    "0",
    "--database",
    database,
  ];
}

export class Replica {
  private readonly programs: ChildProcess[] = [];
  private requests = 0;

  private constructor(readonly port: number) {}

  /** As its pod would: first it waits for the database, then Odoo and its exporter start. */
  static async start(server: PostgresServer, login: Login, database: string): Promise<Replica> {
    const [port = 0, websocketPort = 0, exporterPort = 0] = await freePorts(3);
    const replica = new Replica(port);
    const env = server.connectionOf(login.user, login.password);
    const gate = server.run(join(SCRIPTS, "await-database.sh"), [], { ...env, AWAIT_INTERVAL: "0.2" });
    await once(gate, "exit");
    replica.programs.push(
      server.run(ODOO_PROGRAM, serving(database, port, websocketPort), env),
      server.run(PYTHON, [join(SCRIPTS, "odoo-exporter.py")], { ...env, EXPORTER_PORT: String(exporterPort) }),
    );
    await eventually(() => replica.isReady(), { what: "a ready replica" });
    return replica;
  }

  isReady(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.port}/web/health?db_server_status=1`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async ask(): Promise<Answer> {
    this.requests++;
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}/visits`, { method: "POST" });
      return { status: response.status, body: (await response.json()) as Answer["body"] };
    } catch (error) {
      return { status: 0, body: { error: String(error) } };
    } finally {
      this.requests--;
    }
  }

  /** Ends it after its last request. The balancer must have forgotten it. */
  async stop(): Promise<void> {
    while (this.requests > 0) await sleep(20);
    for (const { pid } of this.programs) if (pid !== undefined) killSilently(-pid);
  }
}

export class Balancer {
  readonly answers: Answer[] = [];
  private next = 0;
  private isLoaded = true;

  constructor(private replicas: readonly Replica[]) {}

  /** Asks without a pause, `clients` at a time, until {@link end}. */
  load(clients: number): Promise<unknown> {
    return Promise.all(Array.from({ length: clients }, () => this.client()));
  }

  end(): void {
    this.isLoaded = false;
  }

  /** Replaces one replica after the other; no moment has fewer than before. */
  async roll(start: () => Promise<Replica>): Promise<void> {
    for (const old of this.replicas) {
      const replacement = await start();
      this.replicas = [...this.replicas.filter((replica) => replica !== old), replacement];
      await old.stop();
    }
  }

  async stop(): Promise<void> {
    this.end();
    for (const replica of this.replicas) await replica.stop();
  }

  private async client(): Promise<void> {
    while (this.isLoaded) {
      const replica = this.replicas[this.next++ % this.replicas.length];
      if (replica !== undefined) this.answers.push(await replica.ask());
    }
  }
}

/** A backend whose clones live in the test's process, where each making and each end is counted; workers reach it by HTTP. */
import { createServer, IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { BackendAccess, BackendClone, BackendRequest, CloneBackend } from "../../../../clones/workers/backend";
import { StandInSite } from "../../../support/stand-in-site";

interface RecordedClone {
  readonly clone: BackendClone;
  readonly site: StandInSite;
}

const PASSWORD = "password-of-the-clone";

/** What really happened. Nothing here minds being asked twice: that would show. */
export class CloneRecorder {
  /** Every clone ever made, by its job. */
  readonly made: string[] = [];
  readonly living = new Map<string, RecordedClone>();
  private readonly server: Server = createServer((request, response) => {
    this.answer(request).then(
      (body) => response.end(JSON.stringify(body ?? null)),
      () => response.writeHead(500).end(),
    );
  });

  static async start(): Promise<CloneRecorder> {
    const recorder = new CloneRecorder();
    await new Promise<void>((resolve) => recorder.server.listen(0, "127.0.0.1", resolve));
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.living.values()].map(({ site }) => site.stop()));
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<unknown> {
    const [, key = ""] = (request.url ?? "").split("/").map(decodeURIComponent);
    if (request.method === "GET") {
      const all = [...this.living.values()].map(({ clone }) => clone);
      return all.find(({ id, jobId }) => id === key || jobId === key);
    }
    if (request.method === "DELETE") {
      const found = this.living.get(key);
      this.living.delete(key);
      await found?.site.stop();
      return found !== undefined;
    }
    const { tenantId, customerId, jobId, ttlSeconds } = JSON.parse(await textOf(request)) as BackendRequest;
    this.made.push(jobId);
    const site = await StandInSite.start({ username: "admin", password: PASSWORD });
    const id = `clone-${this.made.length}`;
    const createdAt = new Date();
    const expiresAt = new Date(createdAt.getTime() + ttlSeconds * 1000);
    const states = { ready: true, ending: false, createdAt, expiresAt };
    const clone = { id, tenantId, customerId, jobId, url: site.url, ...states };
    this.living.set(id, { clone, site });
    return clone;
  }
}

/** Looks, waits, and makes: two workers with one job at the same time would make two. */
export class StandInBackend implements CloneBackend {
  constructor(
    private readonly url: string,
    private readonly milliseconds: number,
  ) {}

  async create(request: BackendRequest, signal: AbortSignal): Promise<BackendClone> {
    const earlier = await this.findByJob(request.jobId);
    if (earlier !== undefined) return earlier;
    await sleep(this.milliseconds, undefined, { signal });
    return (await this.ask("POST", "", request))!;
  }

  async find(cloneId: string): Promise<BackendClone | undefined> {
    return await this.ask("GET", cloneId);
  }

  async findByJob(jobId: string): Promise<BackendClone | undefined> {
    return await this.ask("GET", jobId);
  }

  access({ url = "" }: BackendClone): Promise<BackendAccess> {
    const credentials = { username: "admin", password: PASSWORD };
    return Promise.resolve({ site: { url, ...credentials }, ...credentials });
  }

  async remove(cloneId: string): Promise<boolean> {
    return (await (await fetch(`${this.url}/${cloneId}`, { method: "DELETE" })).json()) as boolean;
  }

  list = () => Promise.resolve({ clones: [] });
  extend = () => Promise.reject(new Error("no worker extends"));
  check = () => Promise.resolve();

  private async ask(method: string, key: string, body?: object): Promise<BackendClone | undefined> {
    const response = await fetch(`${this.url}/${encodeURIComponent(key)}`, { method, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`the backend answered ${response.status}`);
    const clone = (await response.json()) as BackendClone | null;
    if (clone === null) return undefined;
    return { ...clone, createdAt: new Date(clone.createdAt), expiresAt: new Date(clone.expiresAt) };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

/** One reader of a job's events: Server-Sent Events, resumed by Last-Event-ID. */
import type { FastifyReply } from "fastify";
import { isOver, JobEvent } from "../domain/job";
import type { ApiDeps, ApiLimits } from "./deps";
import { EventHub, isLast, Listener } from "./event-hub";

/** Milliseconds after which a browser comes back. */
const RECONNECT = 3000;

/** Bytes that wait for a reader who doesn't read; then the stream ends, and the reader comes back or doesn't. */
const BACKLOG = 256 * 1024;

type StreamLimits = Pick<Required<ApiLimits>, "heartbeatMilliseconds" | "streamMilliseconds">;

export class EventStream {
  private readonly end = new AbortController();
  private readonly listener: Listener;

  constructor(
    private readonly deps: Pick<ApiDeps, "jobs" | "clock">,
    private readonly limits: StreamLimits,
    private readonly reply: FastifyReply,
    jobId: string,
    private readonly resumedAt: number,
  ) {
    this.listener = { jobId, after: resumedAt, next: (event) => this.tell(event) };
  }

  /** Returns when the job is over, the reader is gone, the stream has had its time, or the process ends. */
  async run(hub: EventHub, closing: AbortSignal): Promise<void> {
    const { raw } = this.reply;
    this.reply.hijack();
    const stop = () => this.end.abort();
    raw.on("close", stop);
    raw.on("error", stop);
    closing.addEventListener("abort", stop, { once: true });
    raw.writeHead(200, {
      ...this.headers(),
      "content-type": "text/event-stream; charset=utf-8",
      // Its connection would outlive it, and keep a process that ends.
      connection: "close",
      // Proxies of nginx's kind keep answers back otherwise.
      "x-accel-buffering": "no",
    });
    this.write(`retry: ${RECONNECT}\n\n`);
    const leave = hub.listen(this.listener);
    try {
      await this.beat();
    } finally {
      leave();
      closing.removeEventListener("abort", stop);
      raw.end();
    }
  }

  private async beat(): Promise<void> {
    const { clock } = this.deps;
    const { heartbeatMilliseconds, streamMilliseconds } = this.limits;
    const until = clock.now().getTime() + streamMilliseconds;
    const { signal } = this.end;
    try {
      while (clock.now().getTime() < until) {
        await clock.sleep(heartbeatMilliseconds, signal);
        this.write(": alive\n\n");
        if (await this.isBeyondTheEnd()) return;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Whoever resumes behind the last event would wait for ever. */
  private async isBeyondTheEnd(): Promise<boolean> {
    if (this.resumedAt === 0 || this.listener.after !== this.resumedAt) return false;
    const job = await this.deps.jobs.find(this.listener.jobId).catch(() => undefined);
    return job !== undefined && isOver(job.status) && this.listener.after === this.resumedAt;
  }

  private tell(event: JobEvent): void {
    const { jobId, sequence, status, progress, message, at } = event;
    const data = { job_id: jobId, status, progress, status_message: message ?? null, at: at.toISOString() };
    this.write(`id: ${sequence}\nevent: ${isLast(event) ? "end" : "progress"}\ndata: ${JSON.stringify(data)}\n\n`);
    if (isLast(event)) this.end.abort();
  }

  private write(text: string): void {
    const { raw } = this.reply;
    if (raw.destroyed || raw.writableEnded) return;
    raw.write(text);
    if (raw.writableLength > BACKLOG) raw.destroy();
  }

  private headers(): Record<string, number | string | string[]> {
    const given = Object.entries(this.reply.getHeaders());
    return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined));
  }
}

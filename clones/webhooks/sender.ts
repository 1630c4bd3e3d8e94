/** Tells those who gave a webhook that their job is over: signed, through the guard, again until they have it. */
import { request } from "undici";
import type { Dispatcher } from "undici";
import { Webhook } from "standardwebhooks";
import type { Logger } from "pino";
import { ServiceError } from "../errors";
import { parseOutboundUrl, UrlPolicy } from "../net/url-policy";
import type { Clock } from "../provisioner/clock";
import { webhookSecretOf } from "./secrets";

export interface Delivery {
  /** The same in each attempt, for the receiver to know it by. */
  readonly id: string;
  readonly jobId: string;
  readonly url: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Counted from 1, this one included. */
  readonly attempt: number;
}

/** What is to be told. Deliveries that are taken and neither delivered nor failed come back by themselves. */
export interface Outbox<D extends Delivery = Delivery> {
  take(now: Date): Promise<readonly D[]>;
  delivered(delivery: D): Promise<unknown>;
  /** @param nextAttemptAt nothing if it is given up */
  failed(delivery: D, nextAttemptAt: Date | undefined, error: string): Promise<unknown>;
}

export interface WebhookSenderDeps<D extends Delivery = Delivery> {
  readonly outbox: Outbox<D>;
  /** Whose secret signs; nothing if its job is gone. */
  readonly tenantOf: (delivery: D) => Promise<string | undefined>;
  /** 32 bytes or more; the API's. */
  readonly platformSecret: Uint8Array;
  /** Made by guardedDispatcher with the same policy. */
  readonly dispatcher: Dispatcher;
  readonly urlPolicy: UrlPolicy;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly log: Pick<Logger, "info" | "warn">;
  readonly metrics?: { delivery(outcome: string): void };
  /** Milliseconds for one attempt; whoever has much to do answers first. @default 5000 */
  readonly timeout?: number;
}

/** Seconds until the next attempt: eight in about 24 hours, as Standard Webhooks recommends. */
export const RETRY_SECONDS = [5, 300, 1800, 7200, 18_000, 28_800, 28_800] as const;

const TIMEOUT = 5000;

/** Milliseconds between two looks into an empty outbox. */
const IDLE = 1000;

export class WebhookSender<D extends Delivery = Delivery> {
  constructor(private readonly deps: WebhookSenderDeps<D>) {}

  /** Until the signal aborts; attempts under way are ended first. An outbox that is away is asked again. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.deps;
    while (!signal.aborted) {
      const sent = await this.pass().catch((error: unknown) => {
        log.warn({ error: nameOf(error) }, "the webhooks' outbox is away");
        return 0;
      });
      if (sent === 0) await clock.sleep(IDLE, signal).catch(() => undefined);
    }
  }

  /** One look into the outbox. @returns how many were tried */
  async pass(): Promise<number> {
    const deliveries = await this.deps.outbox.take(this.deps.clock.now());
    await Promise.all(deliveries.map((delivery) => this.deliver(delivery)));
    return deliveries.length;
  }

  private async deliver(delivery: D): Promise<void> {
    const { outbox, log, metrics } = this.deps;
    const { id, jobId, attempt } = delivery;
    const failure = await this.attempt(delivery);
    metrics?.delivery(failure === undefined ? "succeeded" : "failed");
    if (failure === undefined) {
      await outbox.delivered(delivery);
      log.info({ delivery_id: id, job_id: jobId, attempt }, "webhook delivered");
      return;
    }
    const next = failure.isFinal ? undefined : this.nextAttempt(attempt);
    await outbox.failed(delivery, next, failure.sentence);
    const fields = { delivery_id: id, job_id: jobId, attempt, reason: failure.sentence, next_attempt_at: next };
    log.warn(fields, next === undefined ? "webhook given up" : "webhook failed");
  }

  private async attempt(delivery: D): Promise<Failure | undefined> {
    const { dispatcher, clock, platformSecret, tenantOf, urlPolicy, timeout = TIMEOUT } = this.deps;
    try {
      const tenantId = await tenantOf(delivery);
      if (tenantId === undefined) return { sentence: "Its job is gone.", isFinal: true };
      // The policy may be stricter than when the URL was given.
      const url = parseOutboundUrl(delivery.url, urlPolicy, "webhook_url");
      const body = JSON.stringify(delivery.payload);
      const now = clock.now();
      const signature = new Webhook(webhookSecretOf(platformSecret, tenantId)).sign(delivery.id, now, body);
      const { statusCode, body: answer } = await request(url, {
        dispatcher,
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          "user-agent": "loomworks-clones",
          "webhook-id": delivery.id,
          "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
          "webhook-signature": signature,
        },
        signal: AbortSignal.timeout(timeout),
      });
      // What it says is nobody's business; reading it could take for ever.
      answer.on("error", () => undefined).destroy();
      return statusCode >= 200 && statusCode < 300 ? undefined : answered(statusCode);
    } catch (error) {
      return failureOf(error);
    }
  }

  private nextAttempt(attempt: number): Date | undefined {
    const seconds = RETRY_SECONDS[attempt - 1];
    if (seconds === undefined) return undefined;
    // Spread over a tenth, so that receivers that were away aren't met by all at once.
    const spread = seconds * (1 + this.deps.random() / 10);
    return new Date(this.deps.clock.now().getTime() + spread * 1000);
  }
}

interface Failure {
  /** Without the URL: its query may be a secret. */
  readonly sentence: string;
  /** Whether another attempt is useless. */
  readonly isFinal: boolean;
}

/** 410 says that nobody wants it any more. Redirects aren't followed: they'd lead anywhere. */
function answered(status: number): Failure {
  return { sentence: `The receiver answered ${status}.`, isFinal: status === 410 };
}

function failureOf(error: unknown): Failure {
  // A name that leads inside today may have been mended tomorrow; until then nothing is called.
  if (error instanceof ServiceError) return { sentence: error.message, isFinal: false };
  return { sentence: `The receiver wasn't reached: ${nameOf(error)}.`, isFinal: false };
}

/** A code or a name; sentences of drivers quote addresses. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : error.name;
}

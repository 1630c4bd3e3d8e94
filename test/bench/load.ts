/** Requests at a given rate, sent when they are due: none waits for the answer to another. */
import { setTimeout as sleep } from "node:timers/promises";
import { Dispatcher, Pool } from "undici";

export type Arrivals = "even" | "random";

export interface Load {
  readonly origin: string;
  /** Requests a second, on average. */
  readonly rate: number;
  readonly seconds: number;
  /** Ends it before its seconds are over. @default never */
  readonly until?: AbortSignal;
  /** At the same distance from each other, or as independent callers come (a Poisson process): several at once at times. */
  readonly arrivals: Arrivals;
  /** The so-manieth request. */
  readonly request: (index: number) => Omit<Dispatcher.RequestOptions, "origin">;
}

export interface LoadFigures {
  readonly sent: number;
  /** Milliseconds of those that were answered 2xx, in ascending order. */
  readonly milliseconds: readonly number[];
  /** How often each status other than 2xx, or error, came. */
  readonly errors: Readonly<Record<string, number>>;
  /** Bodies of the first answers. */
  readonly bodies: readonly string[];
}

/** Enough that no request waits for a connection, unless the service has fallen far behind. */
const CONNECTIONS = 256;
const TIMEOUT_MILLISECONDS = 10_000;
const BODIES = 500;

/**
 * Each latency counts from the instant at which its request was due. What a stalled service keeps waiting is thus counted
 * as long as it waits (no coordinated omission), and so is what this process is late. autocannon's rate isn't used: each of its connections sends a second's requests in one go, and its correction adds a
 * sample for every millisecond of an answer.
 */
export async function load({ origin, rate, seconds, arrivals, request, until }: Load): Promise<LoadFigures> {
  const limits = { headersTimeout: TIMEOUT_MILLISECONDS, bodyTimeout: TIMEOUT_MILLISECONDS };
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1, ...limits });
  const milliseconds: number[] = [];
  const errors: Record<string, number> = {};
  const bodies: string[] = [];
  const fail = (what: string) => (errors[what] = (errors[what] ?? 0) + 1);
  const send = async (index: number, due: number) => {
    try {
      const { statusCode, body } = await pool.request(request(index));
      const text = await body.text();
      if (statusCode < 200 || statusCode > 299) return fail(String(statusCode));
      milliseconds.push(performance.now() - due);
      if (bodies.length < BODIES) bodies.push(text);
    } catch (error) {
      fail((error as { code?: string }).code ?? (error as Error).name);
    }
  };
  const sending: Promise<unknown>[] = [];
  const distance = () => ((arrivals === "even" ? 1 : -Math.log(1 - Math.random())) * 1000) / rate;
  const end = performance.now() + seconds * 1000;
  for (let due = performance.now(); due < end && until?.aborted !== true; due += distance()) {
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    sending.push(send(sending.length, due));
  }
  await Promise.all(sending);
  await pool.close();
  return { sent: sending.length, milliseconds: milliseconds.sort((one, other) => one - other), errors, bodies };
}

/** @param sorted in ascending order @param quantile from 0 to 1 */
export function quantileOf(sorted: readonly number[], quantile: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * quantile) - 1)] ?? Number.NaN;
}

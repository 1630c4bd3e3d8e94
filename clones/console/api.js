/** Calls of the API. The key stays in this tab's session storage, and goes nowhere but into the header. */
import { offsetOf } from "./time.js";

const KEY = "clones.key";

/** Milliseconds after which a call is given up; the API itself answers within five seconds. */
const PATIENCE = 15_000;

/** What the API refused, in its own words (RFC 9457), or what kept it from answering. */
export class Problem extends Error {
  constructor({ status = 0, title, detail, code = "", errors = [], instance = "" }, retryAfter) {
    super(detail ?? title);
    Object.assign(this, { status, title, detail: detail ?? "", code, errors, instance, retryAfter });
  }
}

/** The service's clock: what of our own has to be added. The quickest answer tells it best. */
let clock = { offset: 0, trip: Infinity };
let onRefusedKey = () => undefined;

export function serverNow() {
  return Date.now() + clock.offset;
}

export function keyOfSession() {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function keepKey(key) {
  sessionStorage.setItem(KEY, key);
}

export function forgetKey() {
  sessionStorage.clear();
}

/** @param {() => void} told when a key stops being one */
export function watchKey(told) {
  onRefusedKey = told;
}

/** Its answer as it is; refusals are thrown. @throws {Problem} */
export async function request(path, { method = "GET", body, headers = {}, signal, key = keyOfSession() } = {}) {
  const sentAt = Date.now();
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal,
    });
  } catch (error) {
    if (signal?.aborted && signal.reason?.name !== "TimeoutError") throw error;
    throw new Problem({ title: "No contact", detail: "The service doesn't answer. Is it up, and are you online?" });
  }
  learnTime(response, sentAt);
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (response.status === 401 && key === keyOfSession()) onRefusedKey(problem);
  throw problem;
}

/** The JSON of an answer. @throws {Problem} */
export async function call(path, { signal, ...options } = {}) {
  const late = AbortSignal.timeout(PATIENCE);
  const response = await request(path, { ...options, signal: signal ? AbortSignal.any([signal, late]) : late });
  return await response.json();
}

/** An Idempotency-Key: asking twice with it, as after an answer that was lost, makes one job. */
export function newIdempotencyKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function problemOf(response) {
  const retryAfter = Number(response.headers.get("retry-after") ?? 0);
  const isProblem = response.headers.get("content-type")?.includes("json") ?? false;
  const body = isProblem ? await response.json().catch(() => ({})) : {};
  const fallback = { status: response.status, title: `The service answered ${response.status}` };
  return new Problem({ ...fallback, ...body }, retryAfter);
}

function learnTime(response, sentAt) {
  const receivedAt = Date.now();
  const offset = offsetOf(response.headers.get("date"), sentAt, receivedAt);
  const trip = receivedAt - sentAt;
  if (offset === undefined) return;
  // Clocks drift, and laptops sleep: what contradicts by seconds is believed, however long it took.
  if (trip <= clock.trip || Math.abs(offset - clock.offset) > 2000 + trip) clock = { offset, trip };
}

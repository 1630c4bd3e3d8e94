/** What the API is made of. Whoever starts it brings these; tests bring the same with SQLite behind. */
import type { Logger } from "pino";
import type { CopyDirectory } from "../copies/copies";
import type { UrlPolicy } from "../net/url-policy";
import type { Clock } from "../provisioner/clock";
import type { JobQueue } from "../queue/queue";
import type { JobStore } from "../store/job-store";
import type { ApiPrincipal } from "../store/api-keys";
import type { CloneDirectory } from "../workers/backend";

/** Seals what nobody may read in the table; the context keeps one job's secrets from being put to another. */
export interface Sealer {
  seal(text: string, context: string): string | Promise<string>;
  open(sealed: string, context: string): string | Promise<string>;
}

export interface ApiLimits {
  /** Bytes of a body. @default 65536 */
  readonly bodyBytes?: number;
  /** Milliseconds for any request but the slow ones; then 503. @default 5000 */
  readonly requestMilliseconds?: number;
  /** Requests a minute of a key that has no figure of its own. @default 600 */
  readonly ratePerMinute?: number;
  /** Event streams and waiting v1 requests at once by one key. @default 20 */
  readonly streamsPerKey?: number;
  /** Event streams and waiting v1 requests at once by all. @default 1000 */
  readonly streams?: number;
  /** Milliseconds between two looks for new events. @default 500 */
  readonly pollMilliseconds?: number;
  /** Milliseconds between two signs of life in a stream: load balancers end what is silent for 60 s. @default 15000 */
  readonly heartbeatMilliseconds?: number;
  /** Milliseconds after which a stream ends, and its reader comes back. @default 900000 */
  readonly streamMilliseconds?: number;
  /** Milliseconds that the v1 routes wait; the documents' clones took up to 180 s. @default 240000 */
  readonly legacyMilliseconds?: number;
  /** Milliseconds for each part that /readyz asks. @default 1000 */
  readonly checkMilliseconds?: number;
}

export const LIMITS: Required<ApiLimits> = {
  bodyBytes: 65_536,
  requestMilliseconds: 5000,
  ratePerMinute: 600,
  streamsPerKey: 20,
  streams: 1000,
  pollMilliseconds: 500,
  heartbeatMilliseconds: 15_000,
  streamMilliseconds: 900_000,
  legacyMilliseconds: 240_000,
  checkMilliseconds: 1000,
};

export interface ApiDeps {
  readonly jobs: JobStore;
  readonly queue: Pick<JobQueue, "add" | "check">;
  readonly directory: CloneDirectory;
  /** @default no Loomworks database is copied */
  readonly copies?: CopyDirectory;
  readonly keys: { authenticate(text: string): Promise<ApiPrincipal | undefined> };
  readonly vault: Sealer;
  /** 32 bytes or more: webhook secrets and fingerprints of requests are derived from it. */
  readonly platformSecret: Uint8Array;
  readonly urlPolicy: UrlPolicy;
  readonly log: Logger;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly metrics?: {
    request(
      labels: { readonly route: string; readonly method: string; readonly status: string },
      seconds: number,
    ): void;
  };
  /**
   * Counts requests for all processes together; ioredis, made with {@link RATE_REDIS}.
   *
   * @default each process counts for itself
   */
  readonly rateRedis?: unknown;
  readonly limits?: ApiLimits;
  /** Whether owners may read the credentials of their clones in the job's status (decision 4). @default true */
  readonly exposeCredentials?: boolean;
  /** Whether `/` is the console. @default true */
  readonly console?: boolean;
  /** Proxies in front whose X-Forwarded-For is believed: addresses or networks. @default none */
  readonly trustProxy?: readonly string[];
  /** Under which the API is reached, for its OpenAPI document: `https://api.clones.example.com`. */
  readonly publicUrl?: string;
  /** Where docs/errors.md can be read; part of every problem's type. @default "docs/errors.md" */
  readonly errorsUrl?: string;
}

/** So that a Redis that is away costs a request 200 ms at most, and lets it pass. */
export const RATE_REDIS = {
  commandTimeout: 200,
  connectTimeout: 1000,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
} as const;

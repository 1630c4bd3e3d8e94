/** The clone as the API server keeps it. What KRO makes of it is told by its status alone. */

/** Where a clone keeps its tables. */
export const DATABASES = ["sidecar", "shared", "dedicated", "sqlite"] as const;
export type Database = (typeof DATABASES)[number];

/** How a clone is reached: by a host of its customer, or by a path of its name on the shared load balancer. */
export type Routing = "host" | "path";

export interface CloneSpec {
  /** Whom it is for; a DNS label, and the first part of its host. */
  readonly customerId: string;
  /** Seconds from its creation to its end. @default 1800 */
  readonly ttlSeconds?: number;
  /** The documents' flag: the same as `database: dedicated`. @default false */
  readonly useDedicatedDatabase?: boolean;
  readonly database?: Database;
  /** Image of its WordPress. @default the stack's */
  readonly image?: string;
  /** Pod that already runs and serves it; there is no Job then. */
  readonly warmPod?: string;
  readonly routing?: Routing;
  /** Which of the shared load balancers, counted from 0; for `routing: path`. */
  readonly albGroup?: number;
  /** Whether status carries the credentials, and not only the name of their Secret. */
  readonly exposeCredentials?: boolean;
}

export interface CloneCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
  /** Generation of the clone that KRO had read when it said so. */
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
}

/** What KRO says; anything it doesn't know yet is absent. */
export interface CloneStatus {
  readonly cloneUrl?: string;
  readonly wordpressUsername?: string;
  readonly wordpressPassword?: string;
  readonly apiKey?: string;
  readonly expiresAt?: string;
  readonly ready?: boolean;
  readonly credentialsSecret?: string;
  readonly databaseHost?: string;
  readonly databaseName?: string;
  readonly conditions?: readonly CloneCondition[];
}

export interface WordPressClone {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly creationTimestamp: string;
    /** When its end was asked for. */
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: CloneSpec;
  readonly status?: CloneStatus;
}

export function conditionOf({ status }: WordPressClone, type: string): CloneCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Whether it serves, as it is now: what KRO said of an earlier generation doesn't count. */
export function isReady(clone: WordPressClone): boolean {
  const ready = conditionOf(clone, "Ready");
  return (
    clone.status?.ready === true && ready?.status === "True" && ready.observedGeneration === clone.metadata.generation
  );
}

/** Why KRO gave it up, or nothing. */
export function failureOf(clone: WordPressClone): string | undefined {
  const failed = conditionOf(clone, "Failed");
  if (failed?.status !== "True") return undefined;
  return failed.message !== undefined && failed.message !== "" ? failed.message : (failed.reason ?? "no reason given");
}

/** Whether its end was asked for. */
export function isEnding({ metadata }: WordPressClone): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Where clones live: Kubernetes in production, this machine in the embedded mode. */
import type { SiteAccess } from "../migration/site-migrator";

export interface BackendRequest {
  /** Asking again for the same job gives the same clone. */
  readonly jobId: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly ttlSeconds: number;
  readonly database?: "sidecar" | "shared" | "dedicated" | "sqlite";
  /** Pod of the warm pool that serves it; @default one is made */
  readonly warmPod?: string;
}

export interface BackendClone {
  readonly id: string;
  readonly tenantId: string;
  readonly customerId: string;
  /** The job that made it. */
  readonly jobId?: string;
  readonly url?: string;
  readonly ready: boolean;
  readonly ending: boolean;
  /** What it waits for, or why it failed; no secret. */
  readonly message?: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface BackendAccess {
  /** How the service reaches it, before anybody else does. */
  readonly site: SiteAccess;
  /** For its owner. Not to be logged. */
  readonly username: string;
  readonly password: string;
}

export interface ClonesQuery {
  readonly tenantId: string;
  readonly customerId?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** What the API needs: it changes nothing but a clone's end. */
export interface CloneDirectory {
  find(cloneId: string): Promise<BackendClone | undefined>;
  list(query: ClonesQuery): Promise<{ readonly clones: readonly BackendClone[]; readonly cursor?: string }>;
  /**
   * Lets it live so many seconds, counted from its creation.
   *
   * @throws {ServiceError} CLONE_NOT_FOUND, CLONE_ENDED, CLONE_TTL
   */
  extend(cloneId: string, ttlSeconds: number): Promise<BackendClone>;
  /** Whether it answers. @throws otherwise */
  check(): Promise<void>;
}

/** What workers need. */
export interface CloneBackend extends CloneDirectory {
  /**
   * Makes the clone of this job, or finds it, and returns when it serves.
   *
   * @throws CloneError; nothing of the clone stays then
   */
  create(request: BackendRequest, signal: AbortSignal): Promise<BackendClone>;
  /** The clone that this job made, whatever came of it. */
  findByJob(jobId: string): Promise<BackendClone | undefined>;
  access(clone: BackendClone): Promise<BackendAccess>;
  /** Returns when nothing of it is left. @returns whether there was one */
  remove(cloneId: string, signal: AbortSignal): Promise<boolean>;
}

/** Pods that were started before anybody asked. */
export interface WarmPods {
  /** A pod for this job: the one it has already, or a free one; nothing if the pool is empty. Two jobs never get one. */
  claim(jobId: string, customerId: string): Promise<string | undefined>;
  /** Tells the pool that the pod's clone serves. */
  opened(pod: string): Promise<void>;
  /** Gives the pod back, unless its clone does that at its end. */
  release(pod: string): Promise<void>;
}

/** Copies of Loomworks databases, as API and workers see them. */

/** What a copy is to whoever asked for it. */
export type CopyState = "creating" | "ready" | "failed" | "ending";

export interface TenantCopy {
  readonly id: string;
  readonly tenantId: string;
  /** The job that made it. */
  readonly jobId: string;
  /** The database that it is a copy of. */
  readonly database: string;
  readonly url?: string;
  readonly state: CopyState;
  /** Why it failed, or what it waits for. */
  readonly message?: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface CopyRequest {
  /** Asking again for the same job gives the same copy. */
  readonly jobId: string;
  /** Whose database is copied: the one that has this name. */
  readonly tenantId: string;
  readonly ttlSeconds: number;
}

/** What the API needs: it changes nothing but a copy's end. */
export interface CopyDirectory {
  find(copyId: string): Promise<TenantCopy | undefined>;
  /** Those of one tenant, oldest first: never more than a namespace may have. */
  list(tenantId: string): Promise<readonly TenantCopy[]>;
  /** @throws {CopyError} TENANT_COPY_LIMIT, TENANT_COPY_SOURCE if the tenant may have no other now */
  assertRoom(tenantId: string): Promise<void>;
  /**
   * Lets it live so many seconds, counted from its creation.
   *
   * @throws {CopyError} TENANT_COPY_NOT_FOUND, TENANT_COPY_ENDED, TENANT_COPY_TTL
   */
  extend(copyId: string, ttlSeconds: number): Promise<TenantCopy>;
}

/** What workers need. */
export interface CopyBackend extends CopyDirectory {
  /**
   * Makes the copy of this job, or finds it, and returns when it can be used. What it began stays if it fails: {@link remove}
   * takes it away.
   *
   * @throws {CopyError} TENANT_COPY_SOURCE, TENANT_COPY_LIMIT, TENANT_COPY_REFUSED, TENANT_COPY_FAILED, TENANT_COPY_DEADLINE, TENANT_COPY_ENDED
   */
  create(request: CopyRequest, signal: AbortSignal): Promise<TenantCopy>;
  /**
   * Returns when neither database, files nor object are left.
   *
   * @returns whether there was one
   * @throws {CopyError} TENANT_COPY_LINGERS
   */
  remove(copyId: string, signal: AbortSignal): Promise<boolean>;
}

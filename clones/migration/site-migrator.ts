/** How the content of a WordPress site is copied, and brought back. The service knows no more of WordPress than this. */

export interface SiteAccess {
  readonly url: string;
  readonly username?: string;
  /** Not to be logged. */
  readonly password?: string;
  /** Key of the migration plugin, where it is installed already. Not to be logged. */
  readonly apiKey?: string;
  /**
   * Whether it is a clone of this service: reached at an address of the cluster's own, which a stranger's site may not have.
   *
   * @default false
   */
  readonly own?: boolean;
}

/** What of a site is brought back (decision 33). */
export const RESTORE_SCOPES = ["content", "uploads", "plugins", "themes", "options", "users"] as const;
export type RestoreScope = (typeof RESTORE_SCOPES)[number];

/** Tells how far the step is: from 0 to 1, and a sentence for whoever waits. */
export type Report = (fraction: number, message: string) => void;

export interface CopyRequest {
  /** The same in each attempt: what was copied already is not copied again. */
  readonly jobId: string;
  readonly source: SiteAccess;
  readonly target: SiteAccess;
  /** Where visitors will reach the target: what the source's URLs become. */
  readonly publicUrl: string;
  /** Users and customers get other names, addresses and passwords before anyone can log in. */
  readonly anonymize: boolean;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface CopyOutcome {
  /** Logs whoever opens it in as the clone's administrator: once, and within {@link LOGIN_LINK_SECONDS}. Not to be logged. */
  readonly loginUrl?: string;
}

/** How long a login link works, in seconds; the plugin's own figure. */
export const LOGIN_LINK_SECONDS = 600;

/** How long a restore can be put back, in seconds; the plugin's own figure. */
export const ROLLBACK_SECONDS = 86_400;

export interface RestoreRequest {
  readonly jobId: string;
  /** The clone. */
  readonly source: SiteAccess;
  /** The site that is changed. */
  readonly target: SiteAccess;
  readonly scopes: readonly RestoreScope[];
  /** Overwrites what changed on the target since the clone was made. */
  readonly force: boolean;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface RestorePlan {
  /** How many rows and files a restore would change, by scope. */
  readonly changes: Readonly<Record<string, number>>;
  /** The same, told apart. @default nobody counted */
  readonly details?: Readonly<Record<string, Changes>>;
  /** What changed on the target since the clone was made: a sentence for each thing. */
  readonly conflicts: readonly string[];
  /** What whoever decides has to know besides. @default nothing */
  readonly notes?: readonly string[];
}

/** Rows and files of one scope. */
export interface Changes {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/**
 * Every call may be made again with the same job after it was cut off anywhere.
 *
 * @throws {MigrationError} whose `retryable` says whether another try can help
 */
export interface SiteMigrator {
  /** Whether the site can be reached and read with this access. Changes nothing. */
  check(site: SiteAccess, signal: AbortSignal): Promise<void>;
  copy(request: CopyRequest): Promise<CopyOutcome>;
  /** What a restore would do. Changes nothing. */
  plan(request: RestoreRequest): Promise<RestorePlan>;
  /** Saves the target, then changes it all at once. */
  restore(request: RestoreRequest): Promise<void>;
  /** Whether the target still has what `restore` of this job saved, or is being put back. */
  canUndo(jobId: string, target: SiteAccess, signal: AbortSignal): Promise<boolean>;
  /** Puts back what `restore` of this job saved; nothing to put back is fine. */
  undoRestore(jobId: string, target: SiteAccess, signal: AbortSignal): Promise<void>;
}

/** Why a site couldn't be copied, without any secret. */
export class MigrationError extends Error {
  constructor(
    /** One of docs/errors.md. */
    readonly code: string,
    message: string,
    /** Whether the same again may succeed: a site that is slow, not one that refuses. */
    readonly retryable: boolean,
    /** Seconds that the site asked to be left alone. @default it didn't */
    readonly afterSeconds?: number,
  ) {
    super(message);
    this.name = "MigrationError";
  }
}

/** A copy of a Loomworks tenant's database, as the API server keeps it. What becomes of it, KRO tells in its status. */
import { isCustomerId } from "./host";
import { isJobId } from "./job-id";

/** What KRO says of a copy; a database and its files belong to it in each but the last. */
export type CopyPhase = "Creating" | "Ready" | "Failed" | "Removing" | "RemoveFailed" | "Removed";

export interface OdooCopy {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    /** Database that it is a copy of. */
    readonly source: string;
    /** ISO 8601, UTC. */
    readonly expiresAt: string;
    /** Whether database and files are to be removed. */
    readonly ended?: boolean;
  };
  readonly status?: {
    readonly phase?: CopyPhase;
    /** Why a Job was given up, in the words of Kubernetes. */
    readonly reason?: string;
    /** What its pod said last: a line of JSON. */
    readonly report?: string;
    readonly url?: string;
  };
}

/** Minutes that a copy lives: time for a test of an upgrade, and never so long that it becomes somebody's second system. */
export const COPY_TTL_MINUTES = { minimum: 15, maximum: 10_080, default: 480 } as const;

/** PostgreSQL's own databases, which are no tenant's. */
const RESERVED = ["postgres", "template0", "template1"];

const PREFIX = "copy-";
const COPY_ID = /^copy-[0-9a-f]{24}$/;

/**
 * Name of a job's copy: of its object, its database and the first part of its host. Nobody guesses the 96 bits of chance
 * that a job's id has, and whoever works the job off finds what another one began.
 */
export function copyIdOf(jobId: string): string {
  if (!isJobId(jobId)) throw new Error("no job's id");
  return jobId.replace(/^job-/, PREFIX);
}

export function jobIdOf(copyId: string): string {
  return `job-${copyId.slice(PREFIX.length)}`;
}

export function isCopyId(text: string): boolean {
  return COPY_ID.test(text);
}

/** Whether a tenant may have a database of this name; what looks like a copy's isn't one. */
export function isTenantDatabase(name: string): boolean {
  return isCustomerId(name) && !RESERVED.includes(name) && !name.startsWith(PREFIX);
}

/** Whether nothing is left of it but its object. */
export function isRemoved({ status }: OdooCopy): boolean {
  return status?.phase === "Removed";
}

/** Whether its end was asked for. */
export function isCopyEnding({ spec, metadata }: OdooCopy): boolean {
  return spec.ended === true || metadata.deletionTimestamp !== undefined;
}

export function isCopyExpired({ spec }: OdooCopy, now: Date): boolean {
  return now.getTime() >= Date.parse(spec.expiresAt);
}

/** Why it failed: what its pod said, or else Kubernetes; nothing if neither did. */
export function reasonOf({ status: { reason = "", report = "" } = {} }: OdooCopy): string | undefined {
  try {
    const { code, reason: told } = JSON.parse(report) as Record<string, unknown>;
    if (typeof code === "string" && typeof told === "string") return `${code}: ${told}`;
  } catch {
    // A pod that was killed says nothing, or half a line.
  }
  return reason === "" ? undefined : reason;
}

/** What went wrong in a step, in the words of whoever asked for the job. */
import { InvalidInputError } from "../../../constructs/shared/problems";
import type { JobFailure } from "../../domain/job";
import { ServiceError } from "../../errors";
import { MigrationError } from "../../migration/site-migrator";
import { StepFailure } from "./plan";

export interface Failure extends JobFailure {
  readonly retryable: boolean;
  readonly undoFrom?: string;
}

/** Refusals of the backend that the same request would meet again. */
const FINAL = new Set([
  "CLONE_INVALID",
  "CLONE_REFUSED",
  "CLONE_HOST_TAKEN",
  "CLONE_NOT_FOUND",
  "CLONE_ENDED",
  "CLONE_TTL",
  // A copy's Job tried again itself, and each try reads all of a production database.
  "TENANT_COPY_SOURCE",
  "TENANT_COPY_REFUSED",
  "TENANT_COPY_FAILED",
  "TENANT_COPY_DEADLINE",
  "TENANT_COPY_ENDED",
]);

export function failureOf(error: unknown, step: string): Failure {
  if (error instanceof StepFailure) {
    const { code, message, retryable, undoFrom } = error;
    return { code, message, retryable, ...(undoFrom === undefined ? {} : { undoFrom }) };
  }
  if (error instanceof MigrationError) return pick(error, error.retryable);
  if (error instanceof InvalidInputError && error.problems[0] !== undefined) {
    const { code } = error.problems[0];
    const isOurs = !(error instanceof ServiceError) || error.status >= 500;
    return pick({ code, message: error.message }, isOurs && !FINAL.has(code));
  }
  return unexpected(error, step);
}

/** Nobody but operators can do anything about it: they find it in the log, by the job's id. */
function unexpected(error: unknown, step: string): Failure {
  const { name, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { name: "Error" };
  const { message } = new InvalidInputError([
    {
      code: "JOB_STEP",
      path: step,
      value: code ?? name,
      reason: "the step broke off in a way that nobody foresaw",
      remedy: "Ask again later; operators find the reason in the worker's log, by the job's id",
    },
  ]);
  return { code: "JOB_STEP", message, retryable: true };
}

/** @param undone what could not be taken back, by step */
export function undoFailure(cause: JobFailure | undefined, left: Readonly<Record<string, string>>): JobFailure {
  const { message } = new InvalidInputError([
    {
      code: "JOB_UNDO",
      path: Object.keys(left).join(", "),
      value: Object.values(left).join("; "),
      reason:
        cause === undefined
          ? "it could not be taken back"
          : `it could not be taken back when the job had failed: ${cause.message}`,
      remedy: "What is left of a clone ends with its TTL, or by DELETE; a site that was restored is to be looked at",
    },
  ]);
  return { code: "JOB_UNDO", message };
}

export function tooManyAttempts(attempts: number): JobFailure {
  const { message } = new InvalidInputError([
    {
      code: "JOB_ATTEMPTS",
      path: "attempt",
      value: attempts,
      reason: "as often was the job begun and cut off, by the end of its workers",
      remedy: "Operators: look at the log of the workers that ended, by the job's id",
    },
  ]);
  return { code: "JOB_ATTEMPTS", message };
}

function pick({ code, message }: { readonly code: string; readonly message: string }, retryable: boolean): Failure {
  return { code, message, retryable };
}

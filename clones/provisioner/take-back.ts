/** A clone is finished, or nothing of it stays (decision 26, KRO-12). */
import { InvalidInputError } from "../../constructs/shared/problems";
import { failureOf, isEnding, WordPressClone } from "../domain/clone";
import type { Clock } from "./clock";
import { diagnose } from "./diagnosis";
import * as errors from "./errors";
import { Kube, sentenceOf, statusOf } from "./kube";
import { visitClone } from "./visit";

/** Waits until something holds of the clone, and answers with it as it then is. */
export type Until = (holds: (clone: WordPressClone) => boolean) => Promise<WordPressClone>;

/** What is done about a clone that exists, until whoever asked for it may have it. */
export type Work<T> = (until: Until) => Promise<T>;

export interface TakeBackOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  /** Until it must be finished, each time that it is waited for. */
  readonly seconds: number;
  /** Ends the clone. */
  readonly takeBack: () => Promise<unknown>;
  readonly signal?: AbortSignal;
}

/** @throws {CloneError} CLONE_FAILED, CLONE_DEADLINE, CLONE_CANCELLED, and what `work` throws if that has a code */
export async function orTakeBack<T>(clone: WordPressClone, work: Work<T>, options: TakeBackOptions): Promise<T> {
  const { kube, clock, seconds, takeBack, signal } = options;
  const { name } = clone.metadata;
  let seen = clone;
  const until: Until = async (holds) => {
    const visited = await visitClone(kube, clone.metadata, clock, { seconds, signal }, (now) => {
      if (now === undefined || isEnding(now)) throw errors.cloneFailed(name, "somebody else deleted it", true);
      seen = now;
      if (failureOf(now) !== undefined) throw new Error(failureOf(now));
      return holds(now);
    });
    if (visited !== "ready") throw new Error(visited);
    return seen;
  };
  try {
    return await work(until);
  } catch (error) {
    const reason = await diagnose(kube, seen);
    const gone = await takeBack().then(
      () => true,
      () => false,
    );
    if (error instanceof InvalidInputError) throw error;
    if (signal?.aborted === true) throw errors.cloneCancelled(name, gone);
    if (error instanceof Error && error.message === "late") throw errors.cloneTooLate(name, seconds, reason, gone);
    const told = statusOf(error) === undefined ? reason : sentenceOf(error);
    throw errors.cloneFailed(name, told, gone);
  }
}

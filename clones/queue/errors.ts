import { ServiceError } from "../errors";

/** Seconds after which asking again makes sense. */
export const QUEUE_RETRY_SECONDS = 5;

/** @param reason why, in the client's words; it must carry no address with a password */
export const queueUnavailable = (reason: string) =>
  new ServiceError(503, [
    {
      code: "QUEUE_UNAVAILABLE",
      path: "queue",
      value: "redis",
      reason,
      remedy:
        "Jobs that were accepted are kept, and go on when Redis answers again. Check it with `npm run clones -- doctor`",
    },
  ]);

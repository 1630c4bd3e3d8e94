/** What the store refuses or can't do. Codes stand in docs/errors.md. */
import { InvalidInputError } from "../../constructs/shared/problems";
import { ServiceError } from "../errors";

/** The database doesn't answer, or not as it should; it may in a while. */
export class StoreUnavailable extends ServiceError {
  constructor(reason: string, options?: ErrorOptions) {
    const remedy = "Nothing was promised. Try again in some seconds; operators: `npm run clones -- doctor`";
    super(503, [{ code: "STORE_UNAVAILABLE", path: "store", value: "unavailable", reason, remedy }], options);
    this.name = "StoreUnavailable";
  }
}

export const schemaOld = (missing: string) =>
  new ServiceError(503, [
    {
      code: "STORE_SCHEMA",
      path: "store",
      value: missing,
      reason: "the database lacks this migration, which the program needs",
      remedy: "Let the schema job run, then start again",
    },
  ]);

export const cursorInvalid = (cursor: string) =>
  new ServiceError(400, [
    {
      code: "CURSOR_INVALID",
      path: "cursor",
      value: cursor.slice(0, 100),
      reason: "it is none that a page of this list gave",
      remedy: "Leave it out to begin with the first page",
    },
  ]);

export const idempotencyMismatch = () =>
  new ServiceError(422, [
    {
      code: "IDEMPOTENCY_MISMATCH",
      path: "Idempotency-Key",
      value: "used before",
      reason: "another request was made with this key",
      remedy: "Send the same request again, or use a new key",
    },
  ]);

export const restorePutBack = (isOver: boolean) =>
  new ServiceError(409, [
    {
      code: "RESTORE_PUT_BACK",
      path: "job_id",
      value: isOver ? "completed" : "under way",
      reason: isOver ? "what this restore changed was put back already" : "another job is putting it back",
      remedy: isOver ? "Nothing is left to do" : "Look at that job: GET /api/v2/jobs?type=restore",
    },
  ]);

/** The URL itself isn't shown: it carries a password. */
export const storeUrlInvalid = (reason: string) =>
  new InvalidInputError([
    {
      code: "STORE_URL",
      path: "database URL",
      value: "(hidden)",
      reason,
      remedy: "mysql://user:password@host:3306/database, with ?tls=true where it is asked for; or sqlite:<file>",
    },
  ]);

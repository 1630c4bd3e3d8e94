/** What the backend refuses, for whoever asked the service. Codes stand in docs/errors.md. */
import type { Problem } from "../../constructs/shared/problems";
import { ServiceError } from "../errors";
import { CloneError } from "../provisioner/errors";

/** HTTP status of the codes that an extension may end in. */
const STATUS: Readonly<Record<string, number>> = {
  CLONE_NOT_FOUND: 404,
  CLONE_ENDED: 409,
  CLONE_BUSY: 409,
  CLONE_TTL: 422,
};

export function refusalOf(error: CloneError): ServiceError {
  const [first, ...others] = error.problems as [Problem, ...Problem[]];
  return new ServiceError(STATUS[error.code] ?? 500, [first, ...others], { cause: error });
}

/** Without a word of whose clone it is, or what it is called. */
export const hostTakenByAnother = (customerId: string) =>
  new CloneError({
    code: "CLONE_HOST_TAKEN",
    path: "customerId",
    value: customerId,
    reason: "this customer's host is in use",
    remedy: "Choose another customer id, or wait until it is free",
  });

export const ownerInvalid = (path: string, id: string) =>
  new CloneError({
    code: "CLONE_INVALID",
    path,
    value: id,
    reason: "it is no DNS label, as the ids of tenants and customers are",
    remedy: "Lower-case letters, digits and hyphens, 40 at most",
  });

export const cursorInvalid = () =>
  new ServiceError(400, [
    {
      code: "CLONE_CURSOR",
      path: "cursor",
      value: "a cursor",
      reason: "it is none of ours, or too old",
      remedy: "Begin again without one",
    },
  ]);

export const idInvalid = () =>
  new ServiceError(404, [
    {
      code: "CLONE_NOT_FOUND",
      path: "clone",
      value: "an id",
      reason: "it is no clone's id",
      remedy: "They look like clone-20260205-143022",
    },
  ]);

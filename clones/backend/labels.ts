/** How a WordPressClone says whose it is, and what the service reads of it. */
import { CLONE_LABELS } from "../../constructs/contract";
import { conditionOf, failureOf, isEnding, isReady, WordPressClone } from "../domain/clone";
import { expiryOf } from "../domain/expiry";
import { isCustomerId } from "../domain/host";
import { JOB_LABEL } from "../warm-pool/labels";
import type { BackendClone } from "../workers/backend";
import { ownerInvalid } from "./errors";

/** On the clone: whose it is. Clones that somebody made by hand have none, and are no tenant's. */
export const TENANT_LABEL = "clones.betaweb.ai/tenant";

/** @throws {CloneError} CLONE_INVALID if the tenant's id can be no label */
export function labelsOf(jobId: string, tenantId: string): Record<string, string> {
  return { [JOB_LABEL]: jobId, [TENANT_LABEL]: labelValue("tenantId", tenantId) };
}

/** Selects the clones of a tenant, of a customer, or of both. A text that could be more than one value is refused. */
export function ownersOf(tenantId: string | undefined, customerId?: string): string {
  return [
    ...(tenantId === undefined ? [] : [`${TENANT_LABEL}=${labelValue("tenantId", tenantId)}`]),
    ...(customerId === undefined ? [] : [`${CLONE_LABELS.customer}=${labelValue("customerId", customerId)}`]),
  ].join(",");
}

export function toBackendClone(clone: WordPressClone): BackendClone {
  const { name, labels = {}, creationTimestamp } = clone.metadata;
  const jobId = labels[JOB_LABEL];
  const url = clone.status?.cloneUrl;
  const message = messageOf(clone);
  return {
    id: name,
    tenantId: labels[TENANT_LABEL] ?? "",
    customerId: clone.spec.customerId,
    ...(jobId !== undefined && { jobId }),
    ...(url !== undefined && { url }),
    ready: isReady(clone),
    ending: isEnding(clone),
    ...(message !== undefined && { message }),
    createdAt: new Date(creationTimestamp),
    expiresAt: expiryOf(clone),
  };
}

function messageOf(clone: WordPressClone): string | undefined {
  return failureOf(clone) ?? conditionOf(clone, "Ready")?.message;
}

/** Ids of tenants and customers are of one form, which is narrower than a label's value may be. */
function labelValue(path: string, id: string): string {
  if (isCustomerId(id)) return id;
  throw ownerInvalid(path, id);
}

/** Copies in Kubernetes: each is an OdooCopy, of which KRO makes the Jobs that copy, neutralise and remove. */
import { COPY_LABELS, COPY_RESOURCE } from "../../constructs/contract";
import {
  copyIdOf,
  isCopyEnding,
  isCopyExpired,
  isCopyId,
  isRemoved,
  isTenantDatabase,
  jobIdOf,
  OdooCopy,
  reasonOf,
} from "../domain/tenant-copy";
import { Clock, systemClock } from "../provisioner/clock";
import { Kube, sentenceOf, statusOf } from "../provisioner/kube";
import { createSurely, isLost, untilAnswered } from "../provisioner/surely";
import type { CopyBackend, CopyRequest, CopyState, TenantCopy } from "./copies";
import * as errors from "./errors";

export interface KubernetesCopiesOptions {
  /** Of the Loomworks installation. */
  readonly namespace: string;
  /** Copies that one tenant may have at once. All tenants' together are bounded by the namespace's quota. */
  readonly perTenant: number;
  /** Seconds from its creation until a copy must be usable; its Job is given up before (7200). @default 7500 */
  readonly readySeconds?: number;
  /** Seconds that its removal may take until that counts as stuck. @default 900 */
  readonly removeSeconds?: number;
  readonly clock?: Clock;
}

const DEFAULTS = { readySeconds: 7500, removeSeconds: 900, clock: systemClock } as const;

/** Between two looks. Copies are few, and take minutes. */
const PAUSE_MILLISECONDS = 2000;

const NO_REASON = "no reason given";

export class KubernetesCopies implements CopyBackend {
  private readonly settings: Required<KubernetesCopiesOptions>;

  constructor(
    private readonly kube: Kube,
    options: KubernetesCopiesOptions,
  ) {
    this.settings = { ...DEFAULTS, ...options };
  }

  async find(copyId: string): Promise<TenantCopy | undefined> {
    const copy = isCopyId(copyId) ? await this.read(copyId) : undefined;
    return copy && toTenantCopy(copy);
  }

  async list(tenantId: string): Promise<readonly TenantCopy[]> {
    if (!isTenantDatabase(tenantId)) return [];
    const labelSelector = `${COPY_LABELS.tenant}=${tenantId}`;
    const { items } = await this.kube.list<OdooCopy>(COPY_RESOURCE, this.settings.namespace, { labelSelector });
    return items.map(toTenantCopy).sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  }

  async assertRoom(tenantId: string): Promise<void> {
    await this.assertRoomFor(tenantId);
  }

  async create(request: CopyRequest, signal: AbortSignal): Promise<TenantCopy> {
    const id = copyIdOf(request.jobId);
    const { metadata } = (await this.read(id)) ?? (await this.make(id, request));
    const { readySeconds } = this.settings;
    const until = Date.parse(metadata.creationTimestamp) + readySeconds * 1000;
    const copy = await this.look(id, until, signal, (found) => {
      if (found === undefined || isCopyEnding(found)) throw errors.copyEnded(id);
      if (found.status?.phase === "Failed") throw errors.copyFailed(id, reasonOf(found) ?? NO_REASON);
      return found.status?.phase === "Ready";
    });
    if (copy === "late") throw errors.copyLate(id, readySeconds, await this.phaseOf(id));
    // It was there a moment ago.
    if (copy === undefined) throw errors.copyEnded(id);
    return toTenantCopy(copy);
  }

  async extend(copyId: string, ttlSeconds: number): Promise<TenantCopy> {
    const copy = isCopyId(copyId) ? await this.read(copyId) : undefined;
    if (copy === undefined) throw errors.copyNotFound();
    const { creationTimestamp, resourceVersion } = copy.metadata;
    if (isCopyEnding(copy) || isCopyExpired(copy, this.settings.clock.now())) throw errors.copyEnded(copyId);
    const expiresAt = new Date(Date.parse(creationTimestamp) + ttlSeconds * 1000);
    if (expiresAt <= new Date(copy.spec.expiresAt))
      throw errors.lifeRefused(ttlSeconds, "it has at least that already");
    // The version: the cleaner may be ending it at this moment.
    const change = { metadata: { resourceVersion }, spec: { expiresAt: expiresAt.toISOString() } };
    try {
      return toTenantCopy(await this.merge(copyId, change));
    } catch (error) {
      if (statusOf(error) === 409) return await this.extend(copyId, ttlSeconds);
      throw error;
    }
  }

  async remove(copyId: string, signal: AbortSignal): Promise<boolean> {
    const copy = isCopyId(copyId) ? await this.read(copyId) : undefined;
    if (copy === undefined) return false;
    const { uid } = copy.metadata;
    if (!isCopyEnding(copy))
      await untilAnswered(this.settings.clock, () => this.merge(copyId, { spec: { ended: true } }));
    const until = this.settings.clock.now().getTime() + this.settings.removeSeconds * 1000;
    const removed = await this.look(copyId, until, signal, (found) => {
      if (found?.metadata.uid !== uid) return true;
      if (found.status?.phase === "RemoveFailed") throw errors.copyLingers(copyId, reasonOf(found) ?? NO_REASON);
      return isRemoved(found);
    });
    if (removed === "late") throw errors.copyLingers(copyId, await this.phaseOf(copyId));
    await untilAnswered(this.settings.clock, () => this.delete(copyId, uid));
    const gone = await this.look(copyId, until, signal, (found) => found?.metadata.uid !== uid);
    if (gone === "late") throw errors.copyLingers(copyId, "its object has not gone");
    return true;
  }

  /** @param copyId of the tenant's copies, this one doesn't count */
  private async assertRoomFor(tenantId: string, copyId?: string): Promise<void> {
    if (!isTenantDatabase(tenantId)) throw errors.sourceInvalid(tenantId);
    const others = (await this.list(tenantId)).filter(({ id }) => id !== copyId);
    if (others.length >= this.settings.perTenant) throw errors.limitReached(this.settings.perTenant);
  }

  /** Two jobs of one tenant at the same moment may both find room; the namespace's quota is what holds. */
  private async make(id: string, { tenantId, ttlSeconds }: CopyRequest): Promise<OdooCopy> {
    await this.assertRoomFor(tenantId, id);
    const { clock, namespace } = this.settings;
    const { group, version, kind } = COPY_RESOURCE;
    const expiresAt = new Date(clock.now().getTime() + ttlSeconds * 1000).toISOString();
    const body = {
      apiVersion: `${group}/${version}`,
      kind,
      metadata: { name: id, labels: { [COPY_LABELS.tenant]: tenantId } },
      spec: { source: tenantId, expiresAt },
    };
    try {
      return await createSurely<OdooCopy>(this.kube, clock, COPY_RESOURCE, namespace, body);
    } catch (error) {
      const status = statusOf(error) ?? 500;
      // Another worker of this job was faster.
      const found = status === 409 ? await this.read(id) : undefined;
      if (found !== undefined) return found;
      if (status === 403 && sentenceOf(error).includes("quota")) throw errors.namespaceFull();
      if (status === 403 || status === 422) throw errors.copyRefused(id, sentenceOf(error));
      throw error;
    }
  }

  /** Looks until `holds`. @returns the copy, nothing if it has gone, or `late` */
  private async look(
    id: string,
    until: number,
    signal: AbortSignal,
    holds: (copy: OdooCopy | undefined) => boolean,
  ): Promise<OdooCopy | undefined | "late"> {
    const { clock } = this.settings;
    for (;;) {
      signal.throwIfAborted();
      try {
        const copy = await this.read(id);
        if (holds(copy)) return copy;
      } catch (error) {
        // An API server that is away is waited for; what it says counts.
        if (error instanceof errors.CopyError || !isLost(error)) throw error;
      }
      if (clock.now().getTime() >= until) return "late";
      await clock.sleep(PAUSE_MILLISECONDS, signal);
    }
  }

  private async phaseOf(id: string): Promise<string> {
    const copy = await this.read(id).catch(() => undefined);
    return copy?.status?.phase ?? "no word of KRO yet";
  }

  private async read(name: string): Promise<OdooCopy | undefined> {
    return await this.kube.find<OdooCopy>(COPY_RESOURCE, this.settings.namespace, name);
  }

  private async merge(name: string, change: object): Promise<OdooCopy> {
    return await this.kube.merge<OdooCopy>(COPY_RESOURCE, this.settings.namespace, name, change);
  }

  private async delete(name: string, uid: string): Promise<boolean> {
    return await this.kube.delete(COPY_RESOURCE, this.settings.namespace, name, { uid });
  }
}

export function toTenantCopy(copy: OdooCopy): TenantCopy {
  const { name, labels = {}, creationTimestamp } = copy.metadata;
  const reason = reasonOf(copy);
  const url = copy.status?.url;
  return {
    id: name,
    tenantId: labels[COPY_LABELS.tenant] ?? "",
    jobId: jobIdOf(name),
    database: copy.spec.source,
    ...(url !== undefined && { url }),
    state: stateOf(copy),
    ...(reason !== undefined && { message: reason }),
    createdAt: new Date(creationTimestamp),
    expiresAt: new Date(copy.spec.expiresAt),
  };
}

function stateOf(copy: OdooCopy): CopyState {
  if (isCopyEnding(copy)) return "ending";
  if (copy.status?.phase === "Failed") return "failed";
  return copy.status?.phase === "Ready" ? "ready" : "creating";
}

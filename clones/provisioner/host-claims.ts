/** Who has a customer's host: a Lease of its name, which only one can create. */
import { CLONE_LABELS, CLONE_RESOURCE } from "../../constructs/contract";
import type { WordPressClone } from "../domain/clone";
import { hostClaimName } from "../domain/host";
import type { Clock } from "./clock";
import { cloneBusy, hostTaken } from "./errors";
import { Kube, KubeObject, statusOf } from "./kube";
import { createSurely } from "./surely";

export interface HostClaim extends KubeObject {
  readonly spec: {
    /** Name of the clone. */
    readonly holderIdentity?: string;
    readonly acquireTime?: string;
    readonly leaseDurationSeconds?: number;
  };
}

export const LEASES = { group: "coordination.k8s.io", version: "v1", plural: "leases" } as const;

/** How long a claim counts before its clone exists. A clone that comes later than that finds its claim gone. */
const GRACE_SECONDS = 60;
const TRIES = 5;

export class HostClaims {
  constructor(
    private readonly kube: Kube,
    private readonly namespace: string,
    private readonly clock: Clock,
  ) {}

  /**
   * Claims a host for a clone that doesn't exist yet.
   *
   * @param mine the same claim under another name of the clone, which was taken
   * @throws {CloneError} CLONE_HOST_TAKEN
   */
  async claim(customerId: string, holder: string, mine?: HostClaim): Promise<HostClaim> {
    if (mine !== undefined) return await this.takeOver(mine, holder);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      try {
        return await this.create(customerId, holder);
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
      }
      const claim = await this.find(customerId);
      if (claim === undefined) continue;
      if (!(await this.isStale(claim, customerId))) throw hostTaken(customerId, claim.spec.holderIdentity ?? "unknown");
      try {
        return await this.takeOver(claim, holder);
      } catch (error) {
        if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
      }
    }
    throw cloneBusy(holder);
  }

  /**
   * Binds the claim to the clone that now exists, so that the one never outlives the other.
   *
   * @throws {CloneError} CLONE_HOST_TAKEN if somebody took it over, because it took us too long
   */
  async confirm(claim: HostClaim, { apiVersion, kind, metadata: { name, uid } }: WordPressClone): Promise<void> {
    const metadata = {
      resourceVersion: claim.metadata.resourceVersion,
      ownerReferences: [{ apiVersion, kind, name, uid }],
    };
    try {
      await this.kube.merge(LEASES, this.namespace, claim.metadata.name, { metadata });
    } catch (error) {
      const status = statusOf(error);
      if (status !== 409 && status !== 404) throw error;
      throw hostTaken(claim.metadata.labels?.[CLONE_LABELS.customer] ?? "", "that came while this one took too long");
    }
  }

  /** Lets go of a claim, if this clone is who has it. May be called again. */
  async release(customerId: string, holder: string): Promise<void> {
    const claim = await this.find(customerId);
    if (claim?.spec.holderIdentity !== holder) return;
    const { name, uid, resourceVersion } = claim.metadata;
    await this.kube.delete(LEASES, this.namespace, name, { uid, resourceVersion });
  }

  /** Claims whose makers died before their clones came to be. */
  async sweep(): Promise<string[]> {
    const swept: string[] = [];
    const { items } = await this.kube.list<HostClaim>(LEASES, this.namespace, { labelSelector: CLONE_LABELS.customer });
    for (const claim of items) {
      const customerId = claim.metadata.labels?.[CLONE_LABELS.customer] ?? "";
      if (claim.metadata.name !== hostClaimName(customerId) || !(await this.isStale(claim, customerId))) continue;
      const { name, uid, resourceVersion } = claim.metadata;
      if (await this.kube.delete(LEASES, this.namespace, name, { uid, resourceVersion })) swept.push(name);
    }
    return swept;
  }

  private async find(customerId: string): Promise<HostClaim | undefined> {
    return await this.kube.find<HostClaim>(LEASES, this.namespace, hostClaimName(customerId));
  }

  private async create(customerId: string, holder: string): Promise<HostClaim> {
    return await createSurely<HostClaim>(this.kube, this.clock, LEASES, this.namespace, {
      apiVersion: `${LEASES.group}/${LEASES.version}`,
      kind: "Lease",
      metadata: {
        name: hostClaimName(customerId),
        labels: { [CLONE_LABELS.clone]: holder, [CLONE_LABELS.customer]: customerId },
      },
      spec: this.terms(holder),
    });
  }

  private async takeOver({ metadata: { name, resourceVersion } }: HostClaim, holder: string): Promise<HostClaim> {
    const labels = { [CLONE_LABELS.clone]: holder };
    return await this.kube.merge<HostClaim>(LEASES, this.namespace, name, {
      metadata: { resourceVersion, labels, ownerReferences: null },
      spec: this.terms(holder),
    });
  }

  private terms(holderIdentity: string): HostClaim["spec"] {
    // A MicroTime: six digits.
    const acquireTime = this.clock.now().toISOString().replace("Z", "000Z");
    return { holderIdentity, acquireTime, leaseDurationSeconds: GRACE_SECONDS };
  }

  private async isStale({ spec }: HostClaim, customerId: string): Promise<boolean> {
    const { holderIdentity = "", acquireTime = 0, leaseDurationSeconds = GRACE_SECONDS } = spec;
    const graceEnds = new Date(acquireTime).getTime() + leaseDurationSeconds * 1000;
    if (this.clock.now().getTime() < graceEnds) return false;
    if (holderIdentity === "") return true;
    const holder = await this.kube.find<WordPressClone>(CLONE_RESOURCE, this.namespace, holderIdentity);
    // Its name may have gone to another customer's clone of the same second.
    return holder?.spec.customerId !== customerId;
  }
}

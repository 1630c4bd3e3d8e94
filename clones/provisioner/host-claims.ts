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

type Labels = Readonly<Record<string, string>>;

export const LEASES = { group: "coordination.k8s.io", version: "v1", plural: "leases" } as const;

/** How long a claim counts before its clone exists. A clone that comes later than that finds its claim gone. */
const GRACE_SECONDS = 60;
/** After which a claim of the asker's own is one that it died with: between claim and clone there are milliseconds. */
const OWN_SECONDS = 2;
const TRIES = 5;

export class HostClaims {
  constructor(
    private readonly kube: Kube,
    private readonly namespace: string,
    private readonly clock: Clock,
  ) {}

  /**
   * Claims a host for a clone that doesn't exist yet. One that the same asker made, and died before its clone came to be, is
   * that asker's at once.
   *
   * @param mine the same claim under another name of the clone, which was taken
   * @param asker labels of whoever asks; @default nobody can be told apart, and a dead one's claim counts to its end
   * @throws {CloneError} CLONE_HOST_TAKEN
   */
  async claim(customerId: string, holder: string, mine?: HostClaim, asker: Labels = {}): Promise<HostClaim> {
    if (mine !== undefined) return await this.takeOver(mine, holder, asker);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      try {
        return await this.create(customerId, holder, asker);
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
      }
      const claim = await this.find(customerId);
      if (claim === undefined) continue;
      const isFree = (await this.isStale(claim, customerId)) || (await this.isOwn(claim, customerId, asker));
      if (!isFree) throw hostTaken(customerId, claim.spec.holderIdentity ?? "unknown");
      try {
        return await this.takeOver(claim, holder, asker);
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

  private async create(customerId: string, holder: string, asker: Labels): Promise<HostClaim> {
    return await createSurely<HostClaim>(this.kube, this.clock, LEASES, this.namespace, {
      apiVersion: `${LEASES.group}/${LEASES.version}`,
      kind: "Lease",
      metadata: {
        name: hostClaimName(customerId),
        labels: { ...asker, [CLONE_LABELS.clone]: holder, [CLONE_LABELS.customer]: customerId },
      },
      spec: this.terms(holder),
    });
  }

  private async takeOver(
    { metadata: { name, resourceVersion } }: HostClaim,
    holder: string,
    asker: Labels,
  ): Promise<HostClaim> {
    const labels = { ...asker, [CLONE_LABELS.clone]: holder };
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
    return !(await this.hasClone(holderIdentity, customerId));
  }

  /** Made by this very asker, for a clone that isn't there. If the asker still lives elsewhere, `confirm` finds it too late. */
  private async isOwn({ metadata, spec }: HostClaim, customerId: string, asker: Labels): Promise<boolean> {
    const entries = Object.entries(asker);
    if (entries.length === 0 || entries.some(([key, value]) => metadata.labels?.[key] !== value)) return false;
    const { holderIdentity = "", acquireTime = 0 } = spec;
    if (this.clock.now().getTime() < new Date(acquireTime).getTime() + OWN_SECONDS * 1000) return false;
    return !(await this.hasClone(holderIdentity, customerId));
  }

  private async hasClone(holderIdentity: string, customerId: string): Promise<boolean> {
    if (holderIdentity === "") return false;
    const holder = await this.kube.find<WordPressClone>(CLONE_RESOURCE, this.namespace, holderIdentity);
    // Its name may have gone to another customer's clone of the same second.
    return holder?.spec.customerId === customerId;
  }
}

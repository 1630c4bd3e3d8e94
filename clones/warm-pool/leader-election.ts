/**
 * One of many: a Lease that only one process holds at a time, as client-go has it. Nobody's clock is compared with another's:
 * who waits counts from when it saw the lease change.
 */
import { Clock, systemClock } from "../provisioner/clock";
import { Kube, KubeObject, sentenceOf, statusOf } from "../provisioner/kube";

export interface ElectionOptions {
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Unlike every other process's, and unlike its own before a restart. */
  readonly identity: string;
  /** Seconds for which a lease counts after its last renewal. @default client-go's 15 */
  readonly leaseSeconds?: number;
  /** Seconds without a renewal after which the leader steps down; less than the above. @default client-go's 10 */
  readonly renewSeconds?: number;
  /** Seconds between tries. @default client-go's 2 */
  readonly retrySeconds?: number;
  readonly clock?: Clock;
  readonly log?: (entry: { readonly event: string; readonly reason?: string }) => void;
}

interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

const DEFAULTS = { leaseSeconds: 15, renewSeconds: 10, retrySeconds: 2, clock: systemClock, log: () => undefined };
const LEASES = { group: "coordination.k8s.io", version: "v1", plural: "leases" } as const;

export class LeaderElection {
  private readonly settings;
  /** The lease as it was last seen, and when. */
  private seen: { readonly lease: Lease; readonly at: number } | undefined;
  private renewedAt: number | undefined;
  /** Counts terms: an answer that comes after its term says nothing about the next. */
  private termCount = 0;
  private trouble: string | undefined;

  constructor(
    private readonly kube: Pick<Kube, "find" | "create" | "merge">,
    options: ElectionOptions,
  ) {
    this.settings = { ...DEFAULTS, ...options };
  }

  /** Whether it may act now: asked before each deed, because a process that stood still doesn't notice. */
  isLeader(): boolean {
    const { clock, renewSeconds } = this.settings;
    return this.renewedAt !== undefined && clock.now().getTime() < this.renewedAt + renewSeconds * 1000;
  }

  /**
   * Runs `lead` whenever it has the lease, until `signal` aborts.
   *
   * @param lead is told to stop by its signal, when the lease is lost too; the next term begins only when it has returned
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, retrySeconds, renewSeconds } = this.settings;
    while (!signal.aborted) {
      const held = await this.within(renewSeconds * 1000, this.tryToHold());
      if (held === true) await this.term(lead, signal);
      await clock.sleep(retrySeconds * 1000, signal).catch(() => undefined);
    }
  }

  private async term(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, retrySeconds, renewSeconds, log } = this.settings;
    const end = new AbortController();
    const stop = AbortSignal.any([signal, end.signal]);
    log({ event: "leader.elected" });
    const leading = lead(stop).finally(() => end.abort());
    leading.catch(() => undefined);
    while (!stop.aborted) {
      await clock.sleep(retrySeconds * 1000, stop).catch(() => undefined);
      if (isAborted(stop)) break;
      const left = (this.renewedAt ?? 0) + renewSeconds * 1000 - clock.now().getTime();
      await this.within(left, this.tryToHold());
      if (!this.isLeader()) end.abort();
    }
    const wasLost = !this.isLeader();
    try {
      // Only now is nobody acting any more in this lease's name.
      await leading;
    } finally {
      await this.within(renewSeconds * 1000, this.release());
      log({ event: wasLost ? "leader.lost" : "leader.ended" });
    }
  }

  /** A request may hang for longer than the lease counts: then it is as good as refused. */
  private async within<T>(milliseconds: number, attempt: Promise<T>): Promise<T | undefined> {
    const end = new AbortController();
    const late = this.settings.clock.sleep(Math.max(0, milliseconds), end.signal).catch(() => undefined);
    const first = await Promise.race([attempt, late.then(() => undefined)]);
    end.abort();
    return first;
  }

  /** Takes the lease if it is free or has run out, and renews it if it is ours. Never throws. */
  private async tryToHold(): Promise<boolean> {
    // Before the request: from then on others may count.
    const asked = this.settings.clock.now().getTime();
    const term = this.termCount;
    try {
      const held = (await this.take(asked)) && term === this.termCount;
      if (held) this.renewedAt = asked;
      this.trouble = undefined;
      return held;
    } catch (error) {
      if (statusOf(error) !== 409) this.tell(sentenceOf(error));
      return false;
    }
  }

  /** Once, and not again every two seconds while it lasts. */
  private tell(reason: string): void {
    if (reason !== this.trouble) this.settings.log({ event: "leader.trouble", reason });
    this.trouble = reason;
  }

  private async take(now: number): Promise<boolean> {
    const { namespace, name, identity } = this.settings;
    const lease = await this.kube.find<Lease>(LEASES, namespace, name);
    if (lease === undefined) {
      const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name } };
      await this.kube.create(LEASES, namespace, { ...body, spec: this.terms(now, undefined) });
      return true;
    }
    if (lease.metadata.resourceVersion !== this.seen?.lease.metadata.resourceVersion) this.seen = { lease, at: now };
    const { holderIdentity = "", leaseDurationSeconds = this.settings.leaseSeconds } = lease.spec ?? {};
    const isOver = now >= (this.seen?.at ?? now) + leaseDurationSeconds * 1000;
    if (holderIdentity !== "" && holderIdentity !== identity && !isOver) return false;
    const { resourceVersion } = lease.metadata;
    await this.kube.merge(LEASES, namespace, name, { metadata: { resourceVersion }, spec: this.terms(now, lease) });
    return true;
  }

  private terms(now: number, lease: Lease | undefined): Lease["spec"] {
    const { identity, leaseSeconds } = this.settings;
    // A MicroTime: six digits.
    const time = new Date(now).toISOString().replace("Z", "000Z");
    const { holderIdentity, acquireTime = time, leaseTransitions = 0 } = lease?.spec ?? {};
    const stays = holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: leaseSeconds,
      renewTime: time,
      acquireTime: stays ? acquireTime : time,
      leaseTransitions: lease === undefined || stays ? leaseTransitions : leaseTransitions + 1,
    };
  }

  /** Lets the next one begin at once. Whoever has it by now keeps it. */
  private async release(): Promise<void> {
    const { namespace, name, identity } = this.settings;
    this.renewedAt = undefined;
    this.termCount += 1;
    try {
      const lease = await this.kube.find<Lease>(LEASES, namespace, name);
      if (lease?.spec?.holderIdentity !== identity) return;
      const { resourceVersion } = lease.metadata;
      const spec = { holderIdentity: "", leaseDurationSeconds: 1 };
      await this.kube.merge(LEASES, namespace, name, { metadata: { resourceVersion }, spec });
    } catch (error) {
      this.tell(sentenceOf(error));
    }
  }
}

/** Read anew: it changes while we wait. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

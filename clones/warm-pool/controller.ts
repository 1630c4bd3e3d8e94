/** Keeps the pool as it shall be: looks at each change, and every 30 seconds whatever was said. */
import type { PodStatus } from "./labels";
import { POOL_ANNOTATIONS } from "./labels";
import { newCredentials, newPodName, podManifest, RandomBytes, secretManifest } from "./manifest";
import { countByStatus, planPool, POOL_DEFAULTS, PoolPod, PoolSettings } from "./plan";
import { NOBODYS, PoolPods } from "./pods";
import { Refusals } from "./refusals";
import { NO_RESET, PodReset } from "./reset";
import { Clock, systemClock } from "../provisioner/clock";
import { Kube, sentenceOf, statusOf } from "../provisioner/kube";

export interface ControllerOptions extends Partial<PoolSettings> {
  readonly namespace: string;
  /** Of this process alone: what another one began to reset is lost. */
  readonly identity: string;
  /** The pod's manifest, as JSON. */
  readonly template: string;
  /** Whether it may still act; asked before each deed. @default always */
  readonly mayAct?: () => boolean;
  /** @default none: with `reuse`, one has to be given */
  readonly reset?: PodReset;
  /** Told after each look: pods by state. */
  readonly observe?: (counts: Readonly<Partial<Record<PodStatus, number>>>) => void;
  readonly log?: (entry: PoolLogEntry) => void;
  readonly clock?: Clock;
  readonly randomBytes?: RandomBytes;
}

export interface PoolLogEntry {
  readonly event: string;
  readonly level?: "info" | "error";
  readonly pod?: string;
  readonly reason?: string;
}

const DEFAULTS = {
  ...POOL_DEFAULTS,
  mayAct: () => true,
  reset: NO_RESET,
  observe: () => undefined,
  log: () => undefined,
  clock: systemClock,
} as const;

/** The documents' figure. */
const CHECK_MILLISECONDS = 30_000;

export class WarmPoolController {
  private readonly settings;
  private readonly pods: PoolPods;
  private readonly refusals: Refusals;
  private readonly resets = new Map<string, Promise<void>>();
  private wakeUp: () => void = () => undefined;
  private isDirty = false;
  private trouble: string | undefined;

  constructor(
    private readonly kube: Kube,
    options: ControllerOptions,
  ) {
    this.settings = { ...DEFAULTS, ...options };
    this.pods = new PoolPods(kube, options.namespace);
    this.refusals = new Refusals(this.settings.clock);
  }

  /** Something may have changed: look soon. */
  wake(): void {
    this.isDirty = true;
    this.wakeUp();
  }

  /** Until the signal aborts; resets that run then are cut off, and their pods deleted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.settings;
    while (!signal.aborted) {
      this.isDirty = false;
      await this.look(signal);
      if (this.hasNews()) continue;
      const woken = new AbortController();
      this.wakeUp = () => woken.abort();
      await clock.sleep(CHECK_MILLISECONDS, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    }
    // Who doesn't look any more knows of none: its last counts would hide that the pool ran empty since.
    this.settings.observe({});
    await Promise.all(this.resets.values());
  }

  /** One look and what follows from it. Never throws: the next one may do better. */
  async look(signal: AbortSignal): Promise<void> {
    const { identity: me, clock, observe, log } = this.settings;
    try {
      // In this order: a pod that is in somebody's hands then has its clone among those that were read.
      const pods = await this.pods.list();
      const named = await this.pods.named();
      observe(countByStatus(pods));
      const plan = planPool({ pods, named, me, now: clock.now() }, this.settings);
      for (const pod of plan.promote) await this.act(() => this.promote(pod));
      for (const { pod, reason } of plan.remove) await this.act(() => this.remove(pod, reason));
      for (const pod of plan.reset) await this.act(() => this.beginReset(pod, signal));
      if (!this.refusals.holds) await this.create(plan.create);
      this.trouble = undefined;
    } catch (error) {
      const reason = sentenceOf(error);
      if (reason !== this.trouble) log({ event: "pool.trouble", level: "error", reason });
      this.trouble = reason;
    }
  }

  /** Read anew: it changes while we look. */
  private hasNews(): boolean {
    return this.isDirty;
  }

  private async act(deed: () => Promise<void>): Promise<void> {
    if (this.settings.mayAct()) await deed();
  }

  private async promote(pod: PoolPod): Promise<void> {
    const promoted = await this.pods.change(pod, { status: "ready" });
    if (promoted !== undefined) this.settings.log({ event: "pod.ready", pod: pod.name });
  }

  private async remove(pod: PoolPod, reason: string): Promise<void> {
    if (await this.pods.remove(pod)) this.settings.log({ event: "pod.deleted", pod: pod.name, reason });
  }

  private async create(count: number): Promise<void> {
    const { log, randomBytes } = this.settings;
    for (let made = 0; made < count && this.settings.mayAct(); made += 1) {
      const name = newPodName(randomBytes);
      try {
        await this.createPod(name);
      } catch (error) {
        const status = statusOf(error) ?? 500;
        if (status >= 500 || status === 409) throw error;
        // Quota, admission, rights: it is the same in a moment.
        const reason = sentenceOf(error);
        if (this.refusals.add(reason)) log({ event: "pool.refused", level: "error", reason });
        return;
      }
      log({ event: "pod.created", pod: name });
      if (this.refusals.clear()) log({ event: "pool.admitted" });
    }
  }

  /** The pod first, because its Secret is to go with it; its containers wait for that. */
  private async createPod(name: string): Promise<void> {
    const { namespace, template, randomBytes } = this.settings;
    const body = podManifest(template, name, namespace);
    const pod = await this.kube.corev1.createNamespacedPod({ namespace, body });
    try {
      const secret = secretManifest(pod, newCredentials(randomBytes));
      await this.kube.corev1.createNamespacedSecret({ namespace, body: secret });
    } catch (error) {
      await this.pods.removeAnyhow({ name, uid: pod.metadata?.uid ?? "" });
      throw error;
    }
  }

  /** Marked first: from then on it is reached by nobody, and whoever comes after us knows that it is neither one nor the other. */
  private async beginReset(pod: PoolPod, signal: AbortSignal): Promise<void> {
    const { identity } = this.settings;
    const annotations = { ...NOBODYS.annotations, [POOL_ANNOTATIONS.resetBy]: identity };
    const marked = await this.pods.change(pod, { status: "resetting", labels: NOBODYS.labels, annotations });
    if (marked === undefined || this.resets.has(marked.uid)) return;
    const reset = this.reset(marked, signal).finally(() => {
      this.resets.delete(marked.uid);
      this.wake();
    });
    this.resets.set(marked.uid, reset);
  }

  /** Ends with a pod that is proven clean, or with none. */
  private async reset(pod: PoolPod, signal: AbortSignal): Promise<void> {
    const { reset, log, mayAct } = this.settings;
    try {
      await reset.reset(pod.name, signal);
      const clean = mayAct() ? await this.pods.find(pod.name) : undefined;
      const isOurs = clean?.uid === pod.uid && clean.resetBy === this.settings.identity;
      if (isOurs && (await this.pods.change(clean, { ...NOBODYS, status: "ready" })) !== undefined) {
        log({ event: "pod.returned", pod: pod.name });
        return;
      }
      log({ event: "pod.unproven", pod: pod.name, reason: "it changed while it was reset" });
    } catch (error) {
      log({ event: "pod.unproven", level: "error", pod: pod.name, reason: sentenceOf(error) });
    }
    // Should this fail as well, it still says that we reset it: the next look or the next controller deletes it.
    await this.pods.removeAnyhow(pod).catch(() => undefined);
  }
}

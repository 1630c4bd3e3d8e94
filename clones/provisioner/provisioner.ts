/** Makes, finds, prolongs and ends clones: each is a WordPressClone, and KRO does the rest. */
import { randomBytes } from "node:crypto";
import { CLONE_LABELS, CLONE_RESOURCE } from "../../constructs/contract";
import { nextAlbGroup } from "../domain/alb-groups";
import { CloneSpec, Database, isReady, Routing, WordPressClone } from "../domain/clone";
import { cloneIdAt, withSuffix } from "../domain/clone-id";
import { chooseDatabase } from "../domain/database";
import { expiryOf, isLife, refuseExtension, TTL } from "../domain/expiry";
import { isCustomerId, RESERVED_CUSTOMERS } from "../domain/host";
import { Clock, systemClock } from "./clock";
import { Credentials, credentialsOf } from "./credentials";
import * as errors from "./errors";
import { HostClaim, HostClaims } from "./host-claims";
import { Kube, sentenceOf, statusOf } from "./kube";
import { createSurely, isLost, untilAnswered } from "./surely";
import { orTakeBack, Work } from "./take-back";
import { visitClone } from "./visit";

export interface ProvisionerOptions {
  readonly namespace: string;
  /** What clones get whose request names none. @default "shared" */
  readonly database?: Database;
  /** @default "host" */
  readonly routing?: Routing;
  /** Load balancers for `routing: path`, and the clones that each takes. @default one of 90: an ALB has 100 target groups */
  readonly albGroups?: { readonly count: number; readonly limit: number };
  /** Seconds until a clone must be ready. A new RDS instance alone takes 5 to 10 minutes. */
  readonly deadlineSeconds?: { readonly dedicated: number; readonly others: number };
  /** Seconds that the end of a clone may take until it counts as stuck. @default 300 */
  readonly endSeconds?: number;
  /** Our finalizer's work, where this process has the rights for it; elsewhere the cleaner does it. Returns when done. */
  readonly finish?: (clone: WordPressClone, signal: AbortSignal) => Promise<void>;
  readonly clock?: Clock;
  readonly randomBytes?: (size: number) => Uint8Array;
}

export type CloneRequest = Omit<CloneSpec, "albGroup">;

type Labels = Readonly<Record<string, string>>;

export interface ReadyClone {
  readonly id: string;
  readonly url: string;
  /** Not to be logged. */
  readonly credentials: Credentials;
  readonly expiresAt: Date;
}

export interface ClonePage {
  readonly clones: readonly WordPressClone[];
  /** Where the next page begins; absent after the last. */
  readonly continue?: string;
}

export interface ListOptions {
  readonly customerId?: string;
  /** @default 100 */
  readonly limit?: number;
  readonly continue?: string;
}

const DEFAULTS = {
  database: "shared",
  routing: "host",
  albGroups: { count: 1, limit: 90 },
  deadlineSeconds: { dedicated: 1200, others: 300 },
  endSeconds: 300,
  clock: systemClock,
  randomBytes,
} as const;

/** Names that are tried in one second, and changes against others' changes. */
const TRIES = 10;

export class CloneProvisioner {
  private readonly settings;
  private readonly claims: HostClaims;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly kube: Kube,
    options: ProvisionerOptions,
  ) {
    this.settings = { ...DEFAULTS, ...options };
    this.claims = new HostClaims(kube, options.namespace, this.settings.clock);
  }

  /**
   * Makes a clone and returns when it serves. One that fails, is late or no more wanted is deleted before this throws.
   *
   * @param signal gives up: the clone is rolled back
   * @throws {CloneError} CLONE_FAILED, CLONE_DEADLINE, CLONE_CANCELLED, CLONE_HOST_TAKEN, CLONE_GROUPS_FULL,
   *   CLONE_REFUSED, CLONE_INVALID, CLONE_TTL, CLONE_UNCERTAIN
   */
  async createClone(request: CloneRequest, signal?: AbortSignal): Promise<ReadyClone> {
    const clone = await this.beginClone(request);
    return await this.finishClone(clone, async (until) => await this.readyClone(await until(isReady)), signal);
  }

  /**
   * Makes a clone's resource, and returns before anything serves.
   *
   * @param labels more of them, by which its maker finds it again
   */
  async beginClone(request: CloneRequest, labels: Labels = {}): Promise<WordPressClone> {
    const place = async () => await this.place(await this.specOf(request), labels);
    const isRouted = (request.routing ?? this.settings.routing) === "path";
    const { clone, claim } = await (isRouted ? this.inTurn(place) : place());
    return await this.finishClone(clone, async () => {
      if (claim !== undefined) await this.claims.confirm(claim, clone);
      if (isRouted) await this.assertGroupHolds(clone);
      return clone;
    });
  }

  /** The request with what the stack decides: database, route, load balancer. Contradictions are refused. */
  private async specOf(request: CloneRequest): Promise<CloneSpec> {
    const { customerId, routing = this.settings.routing } = request;
    if (!isCustomerId(customerId)) throw errors.customerInvalid(customerId);
    if (RESERVED_CUSTOMERS.includes(customerId)) throw errors.customerReserved(customerId);
    const { ttlSeconds = TTL.default } = request;
    if (!isLife(ttlSeconds)) throw errors.lifeInvalid(ttlSeconds);
    const database = chooseDatabase(request, this.settings.database);
    if (database === undefined) throw errors.databaseContradiction(request);
    const spec = { ...request, database, useDedicatedDatabase: database === "dedicated", routing };
    if (routing === "host") return spec;
    const { count, limit } = this.settings.albGroups;
    const albGroup = nextAlbGroup(await this.takenGroups(), count, limit);
    if (albGroup === undefined) throw errors.groupsFull(count, limit);
    return { ...spec, albGroup };
  }

  /** One after the other: each sees where the ones before it went. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return await mine;
  }

  /** Another process may have chosen the same group at the same time: who finds it too full leaves it. */
  private async assertGroupHolds({ spec: { albGroup } }: WordPressClone): Promise<void> {
    const { count, limit } = this.settings.albGroups;
    const size = (await this.takenGroups()).filter((group) => group === albGroup).length;
    if (size > limit) throw errors.groupsFull(count, limit);
  }

  private async takenGroups(): Promise<number[]> {
    const taken: number[] = [];
    for await (const { spec } of this.allClones()) if (spec.routing === "path") taken.push(spec.albGroup ?? 0);
    return taken;
  }

  /** The second's own name first, then with a suffix; the host is claimed before the clone exists. */
  private async place(spec: CloneSpec, more: Labels): Promise<{ clone: WordPressClone; claim?: HostClaim }> {
    const { clock, namespace } = this.settings;
    const second = cloneIdAt(clock.now());
    let claim: HostClaim | undefined;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const name = attempt === 0 ? second : withSuffix(second, this.settings.randomBytes);
      if (spec.routing === "host") claim = await this.claims.claim(spec.customerId, name, claim, more);
      const { group, version, kind } = CLONE_RESOURCE;
      const labels = { ...more, [CLONE_LABELS.customer]: spec.customerId };
      const metadata = { name, namespace, labels, finalizers: [CLONE_LABELS.finalizer] };
      const body = { apiVersion: `${group}/${version}`, kind, metadata, spec };
      try {
        const clone = await createSurely<WordPressClone>(this.kube, clock, CLONE_RESOURCE, namespace, body);
        return { clone, claim };
      } catch (error) {
        if (statusOf(error) === 409) continue;
        // Where nobody knows whether it was made, the claim stays: it ends with the clone, or after its grace.
        if (isLost(error)) throw errors.cloneUncertain(name, error, sentenceOf(error));
        if (claim !== undefined) await this.claims.release(spec.customerId, name);
        throw errors.cloneRefused(name, sentenceOf(error));
      }
    }
    throw errors.cloneBusy(second);
  }

  /**
   * Does what is left to do until a clone serves. If that fails, nothing of the clone stays.
   *
   * @throws {CloneError} as {@link createClone} does, and what `work` throws if that has a code
   */
  async finishClone<T>(clone: WordPressClone, work: Work<T>, signal?: AbortSignal): Promise<T> {
    const { clock, deadlineSeconds } = this.settings;
    const seconds = deadlineSeconds[clone.spec.database === "dedicated" ? "dedicated" : "others"];
    const takeBack = () => this.deleteClone(clone.metadata.name, { uid: clone.metadata.uid });
    return await orTakeBack(clone, work, { kube: this.kube, clock, seconds, takeBack, signal });
  }

  /** @throws {CloneError} CLONE_NOT_FOUND */
  async getClone(name: string): Promise<WordPressClone> {
    const clone = await this.kube.find<WordPressClone>(CLONE_RESOURCE, this.settings.namespace, name);
    if (clone === undefined) throw errors.cloneNotFound(name);
    return clone;
  }

  /** What {@link createClone} answered. @throws {CloneError} CLONE_CREDENTIALS */
  async readyClone(clone: WordPressClone): Promise<ReadyClone> {
    const credentials = await credentialsOf(this.kube, clone);
    return { id: clone.metadata.name, url: clone.status?.cloneUrl ?? "", credentials, expiresAt: expiryOf(clone) };
  }

  /**
   * Lets a clone live `ttlSeconds`, counted from its creation. Of an extension and the cleaner, whoever comes first wins.
   *
   * @throws {CloneError} CLONE_TTL, CLONE_ENDED, CLONE_NOT_FOUND
   */
  async extendClone(name: string, ttlSeconds: number): Promise<WordPressClone> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const clone = await this.getClone(name);
      const refusal = refuseExtension(clone, ttlSeconds, this.settings.clock.now());
      if (refusal !== undefined) throw errors.extensionRefused(name, ttlSeconds, refusal);
      const { uid, resourceVersion } = clone.metadata;
      try {
        const change = { metadata: { uid, resourceVersion }, spec: { ttlSeconds } };
        return await this.kube.merge(CLONE_RESOURCE, this.settings.namespace, name, change);
      } catch (error) {
        if (statusOf(error) === 404) throw errors.cloneEnded(name);
        if (statusOf(error) !== 409) throw error;
      }
    }
    throw errors.cloneBusy(name);
  }

  /**
   * Ends a clone and returns when everything of it has gone.
   *
   * @returns whether there was one
   * @throws {CloneError} CLONE_LINGERS
   */
  async deleteClone(name: string, { wait = true, signal, uid }: DeleteOptions = {}): Promise<boolean> {
    const { namespace, clock, finish, endSeconds: seconds } = this.settings;
    const clone = await untilAnswered(clock, () => this.kube.find<WordPressClone>(CLONE_RESOURCE, namespace, name));
    if (clone === undefined || (uid !== undefined && clone.metadata.uid !== uid)) return false;
    await untilAnswered(clock, () => this.kube.delete(CLONE_RESOURCE, namespace, name, { uid: clone.metadata.uid }));
    if (!wait) return true;
    let left = clone;
    const visited = await visitClone(this.kube, clone.metadata, clock, { seconds, signal }, async (now, abort) => {
      if (now === undefined) return true;
      left = now;
      await finish?.(now, abort);
      return false;
    });
    if (visited !== "ready") throw errors.cloneLingers(name, seconds, left.metadata.finalizers ?? []);
    return true;
  }

  async listClones({ customerId, limit = 100, continue: from }: ListOptions = {}): Promise<ClonePage> {
    const labelSelector = customerId === undefined ? undefined : `${CLONE_LABELS.customer}=${customerId}`;
    const query = { labelSelector, limit, continue: from };
    const { items, metadata } = await this.kube.list<WordPressClone>(CLONE_RESOURCE, this.settings.namespace, query);
    return { clones: items, ...(metadata.continue ? { continue: metadata.continue } : {}) };
  }

  /** Every clone, page by page. */
  async *allClones(options: Omit<ListOptions, "continue"> = {}): AsyncGenerator<WordPressClone> {
    let from: string | undefined;
    do {
      const page: ClonePage = await this.listClones({ ...options, continue: from });
      yield* page.clones;
      from = page.continue;
    } while (from !== undefined);
  }
}

export interface DeleteOptions {
  /** Whether to return only when it has gone. @default true */
  readonly wait?: boolean;
  readonly signal?: AbortSignal;
  /** This very clone, and no other that got its name. @default whichever has the name */
  readonly uid?: string;
}

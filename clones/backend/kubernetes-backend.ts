/** Clones in Kubernetes: each is a WordPressClone, which carries the labels of its tenant and of the job that made it. */
import { CLONE_CREDENTIALS, CLONE_RESOURCE } from "../../constructs/contract";
import type { WordPressClone } from "../domain/clone";
import { isCloneId } from "../domain/clone-id";
import { isReady } from "../domain/clone";
import { ServiceError } from "../errors";
import { Clock, systemClock } from "../provisioner/clock";
import { credentialsOf } from "../provisioner/credentials";
import { cloneCancelled, CloneError } from "../provisioner/errors";
import { Kube, statusOf } from "../provisioner/kube";
import type { CloneProvisioner } from "../provisioner/provisioner";
import { JOB_LABEL } from "../warm-pool/labels";
import { secretNameOf } from "../warm-pool/manifest";
import type { WarmPodPool } from "../warm-pool/pool";
import type { PodAdoption } from "../warm-pool/reset";
import type { BackendAccess, BackendClone, BackendRequest, CloneBackend, ClonesQuery } from "../workers/backend";
import { cursorInvalid, hostTakenByAnother, idInvalid, refusalOf } from "./errors";
import { labelsOf, ownersOf, toBackendClone } from "./labels";

export interface KubernetesBackendOptions {
  /** One of the two; the provisioner's own. */
  readonly namespace: string;
  /** The pool whose pods clones may be given, and how such a pod gets the clone's administrator. @default none are */
  readonly warm?: { readonly pool: WarmPodPool; readonly adoption: PodAdoption };
  readonly clock?: Clock;
}

/** Where a warm pod listens that no Service leads to yet. */
const POD_PORT = 8080;

/** Between looks for what another process of the same job is just making. */
const PAUSE_MILLISECONDS = 1000;

/** Looks, while somebody's claim on the host has no clone yet. */
const LOOKS = 5;

/**
 * A cold clone is its Job's pod, and `create` returns when it serves. A warm one is made in this order, so that nobody but
 * the service reaches it before its content is there (decisions 8 and 31):
 *
 * 1. `WarmPods.claim` labels the pod with the job, and with a clone's label whose value no Service selects.
 * 2. `create` makes the WordPressClone that names the pod. KRO makes its Secret; Service and Ingress wait for a pod.
 * 3. `create` tells the pod which clone it will be, gives it the clone's administrator, and returns. `access` leads to the
 *    pod's own address.
 * 4. `WarmPods.opened`, after the import, writes the clone's name into the label: Service and Ingress follow, and from then
 *    on `access` leads to the Service, as for any clone.
 *
 * A process may end anywhere in it: the next call of `create` for the job goes on from what it finds.
 */
export class KubernetesBackend implements CloneBackend {
  private readonly clock: Clock;

  constructor(
    private readonly kube: Kube,
    private readonly provisioner: CloneProvisioner,
    private readonly options: KubernetesBackendOptions,
  ) {
    this.clock = options.clock ?? systemClock;
  }

  async create(request: BackendRequest, signal: AbortSignal): Promise<BackendClone> {
    const clone = await this.begin(request, signal);
    const done = await this.provisioner.finishClone(
      clone,
      async (until) => {
        if (warmPodOf(clone) === "") return await until(isReady);
        const named = await until(({ status }) => (status?.credentialsSecret ?? "") !== "");
        await this.give(named, request.jobId, signal);
        return named;
      },
      signal,
    );
    return toBackendClone(done);
  }

  async findByJob(jobId: string): Promise<BackendClone | undefined> {
    const clone = await this.ofJob(jobId);
    return clone === undefined ? undefined : toBackendClone(clone);
  }

  async find(cloneId: string): Promise<BackendClone | undefined> {
    const clone = isCloneId(cloneId) ? await this.read(cloneId) : undefined;
    return clone === undefined ? undefined : toBackendClone(clone);
  }

  async list({ tenantId, customerId, limit, cursor }: ClonesQuery) {
    const labelSelector = ownersOf(tenantId, customerId);
    try {
      const query = { labelSelector, limit, ...(cursor === undefined ? {} : { continue: cursor }) };
      const { items, metadata } = await this.kube.list<WordPressClone>(CLONE_RESOURCE, this.options.namespace, query);
      const next = metadata.continue ?? "";
      return { clones: items.map(toBackendClone), ...(next === "" ? {} : { cursor: next }) };
    } catch (error) {
      if (cursor !== undefined && [400, 410].includes(statusOf(error) ?? 0)) throw cursorInvalid();
      throw error;
    }
  }

  async extend(cloneId: string, ttlSeconds: number): Promise<BackendClone> {
    if (!isCloneId(cloneId)) throw idInvalid();
    try {
      return toBackendClone(await this.provisioner.extendClone(cloneId, ttlSeconds));
    } catch (error) {
      throw error instanceof CloneError ? refusalOf(error) : error;
    }
  }

  async remove(cloneId: string, signal: AbortSignal): Promise<boolean> {
    return isCloneId(cloneId) && (await this.provisioner.deleteClone(cloneId, { signal }));
  }

  async access({ id }: BackendClone): Promise<BackendAccess> {
    const { namespace, warm } = this.options;
    const clone = await this.provisioner.getClone(id);
    const { username, password, apiKey } = await credentialsOf(this.kube, clone);
    const service = `http://${id}.${namespace}.svc`;
    const pod = warmPodOf(clone);
    if (pod === "") return { site: { url: service, username, password, apiKey }, username, password };
    const address = await warm?.pool.addressOf(pod);
    const url =
      address === undefined ? service : `http://${address.includes(":") ? `[${address}]` : address}:${POD_PORT}`;
    // The plugin knows the key that the pod was started with.
    const own = await this.kube.secret(namespace, secretNameOf(pod));
    return { site: { url, username, password, apiKey: own?.[CLONE_CREDENTIALS.keys.apiKey] }, username, password };
  }

  async check(): Promise<void> {
    await this.kube.list(CLONE_RESOURCE, this.options.namespace, { limit: 1 });
  }

  /** The clone of this job, if there is a usable one; else a new one. */
  private async begin(request: BackendRequest, signal: AbortSignal): Promise<WordPressClone> {
    for (let look = 1; ; look += 1) {
      const found = await this.ofJob(request.jobId);
      if (found !== undefined && isUsable(found, request)) return found;
      // One that another process of this job takes back, or that was to be served by another pod.
      if (found !== undefined) await this.end(found, signal);
      try {
        return await this.onlyOne(request, await this.make(request));
      } catch (error) {
        if (!(error instanceof CloneError) || error.code !== "CLONE_HOST_TAKEN") throw error;
        await this.assertOurs(request, error, look === LOOKS);
      }
      await this.clock.sleep(PAUSE_MILLISECONDS, signal).catch(() => {
        throw cloneCancelled(request.jobId, true);
      });
    }
  }

  private async make({ jobId, tenantId, customerId, ttlSeconds, database, warmPod }: BackendRequest) {
    // A warm pod was installed for the root of a host, and has its own MySQL.
    const where = warmPod === undefined ? { ...(database && { database }) } : WARM;
    const spec = { customerId, ttlSeconds, ...where, ...(warmPod === undefined ? {} : { warmPod }) };
    return await this.provisioner.beginClone(spec, labelsOf(jobId, tenantId));
  }

  /**
   * Two workers may make it at once, when one takes over from another that isn't dead: the first clone stays. Where it has
   * a host, the claim on that has settled it already.
   */
  private async onlyOne({ jobId }: BackendRequest, made: WordPressClone): Promise<WordPressClone> {
    const first = (await this.ofJob(jobId)) ?? made;
    if (first.metadata.uid === made.metadata.uid) return made;
    await this.end(made);
    return first;
  }

  /**
   * The host is taken, by a clone of this job that is just being made, or by somebody who must be told of.
   *
   * @throws {CloneError} CLONE_HOST_TAKEN; another tenant's clone isn't named
   */
  private async assertOurs({ jobId, tenantId, customerId }: BackendRequest, error: CloneError, isLast: boolean) {
    const selector = { labelSelector: ownersOf(undefined, customerId) };
    const { items } = await this.kube.list<WordPressClone>(CLONE_RESOURCE, this.options.namespace, selector);
    const holders = items.map(toBackendClone);
    if (holders.some((holder) => holder.jobId === jobId)) return;
    // A claim without a clone may be this job's own, from a moment ago.
    if (holders.length === 0 && !isLast) return;
    const named = holders.find(({ id, tenantId: owner }) => owner === tenantId && error.message.includes(id));
    throw named === undefined ? hostTakenByAnother(customerId) : error;
  }

  /** Hands the warm pod over: both steps are content to be made again. */
  private async give(clone: WordPressClone, jobId: string, signal: AbortSignal): Promise<void> {
    const { warm } = this.options;
    if (warm === undefined) throw new ServiceError(500, [noPool]);
    const pod = warmPodOf(clone);
    await warm.pool.handOver(pod, jobId, clone.metadata.name);
    await warm.adoption.adopt(pod, await credentialsOf(this.kube, clone), signal);
  }

  private async end({ metadata: { name, uid } }: WordPressClone, signal?: AbortSignal): Promise<void> {
    await this.provisioner.deleteClone(name, { uid, ...(signal && { signal }) });
  }

  private async read(name: string): Promise<WordPressClone | undefined> {
    return await this.kube.find<WordPressClone>(CLONE_RESOURCE, this.options.namespace, name);
  }

  /** The oldest, and of those of one second the first by name; one that isn't ending before one that is. */
  private async ofJob(jobId: string): Promise<WordPressClone | undefined> {
    const query = { labelSelector: `${JOB_LABEL}=${jobId}` };
    const { items } = await this.kube.list<WordPressClone>(CLONE_RESOURCE, this.options.namespace, query);
    const rank = ({ metadata }: WordPressClone) =>
      `${metadata.deletionTimestamp === undefined ? 0 : 1} ${metadata.creationTimestamp} ${metadata.name}`;
    return [...items].sort((one, other) => rank(one).localeCompare(rank(other)))[0];
  }
}

const WARM = { database: "sidecar", routing: "host" } as const;

const noPool = {
  code: "WARM_POOL_ARGUMENT",
  path: "warmPod",
  value: "a pod",
  reason: "this process knows of no warm pool",
  remedy: "Give the backend its pool",
};

function warmPodOf({ spec }: WordPressClone): string {
  return spec.warmPod ?? "";
}

function isUsable(clone: WordPressClone, { warmPod = "" }: BackendRequest): boolean {
  return clone.metadata.deletionTimestamp === undefined && warmPodOf(clone) === warmPod;
}

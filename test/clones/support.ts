/** What suites of clones share besides their cluster. */
import type { WordPressClone } from "../../clones/domain/clone";
import { CloneFinalizer, Undo } from "../../clones/cleaner/finalizer";
import type { SharedDatabase } from "../../clones/cleaner/shared-database";
import { SingleUseWarmPods } from "../../clones/cleaner/warm-pods";
import { Clock, systemClock } from "../../clones/provisioner/clock";
import type { Kube } from "../../clones/provisioner/kube";
import { CLONE_LABELS } from "../../constructs/contract";
import type { ClusterClient } from "../cluster";
import { STAGING } from "../support/clone-cluster";

/** A shared database that remembers what was made and dropped, and fails as long as it is told to. */
export class RecordedDatabase implements SharedDatabase {
  readonly made: [name: string, password: string][] = [];
  readonly dropped: string[] = [];
  failure: string | undefined;

  make(name: string, password: string): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(new Error(this.failure));
    this.made.push([name, password]);
    return Promise.resolve();
  }

  drop(name: string): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(new Error(this.failure));
    this.dropped.push(name);
    return Promise.resolve();
  }
}

/** The real finalizer, with a shared database that nobody has. */
export function finalizer(kube: Kube, undo: Partial<Undo> = {}, clock: Clock = systemClock): CloneFinalizer {
  const all = { sharedDatabase: new RecordedDatabase(), warmPods: new SingleUseWarmPods(kube), ...undo };
  return new CloneFinalizer(kube, clock, all);
}

export function finisher(kube: Kube) {
  return async (clone: WordPressClone, signal: AbortSignal) => await finalizer(kube).untilFinished(clone, signal);
}

/** The present, some seconds ahead. */
export function shiftedClock(seconds: number): Clock {
  return { ...systemClock, now: () => new Date(Date.now() + seconds * 1000) };
}

const KINDS = [
  ["clones.betaweb.ai/v1alpha1", "WordPressClone"],
  ["rds.services.k8s.aws/v1alpha1", "DBInstance"],
  ["batch/v1", "Job"],
  ["networking.k8s.io/v1", "Ingress"],
  ["coordination.k8s.io/v1", "Lease"],
  ["v1", "Secret"],
  ["v1", "ConfigMap"],
  ["v1", "Service"],
  ["v1", "Pod"],
] as const;

/** Whatever is left of a clone or a customer, by label, by owner or by name. */
export async function remains(client: ClusterClient, name: string, customerId: string): Promise<string[]> {
  const lists = await Promise.all(KINDS.map(([version, kind]) => client.list(version, kind, STAGING)));
  return lists
    .flat()
    .filter(({ kind, metadata }) => {
      const { [CLONE_LABELS.clone]: clone, [CLONE_LABELS.customer]: customer } = metadata.labels ?? {};
      // Another clone of the same second has a name that begins with this one.
      const isAnothers = clone === undefined ? kind === "WordPressClone" : clone !== name;
      const byName = name !== "" && (metadata.name === name || (!isAnothers && metadata.name.startsWith(`${name}-`)));
      return customer === customerId || (name !== "" && clone === name) || byName;
    })
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

/** Nodes on which a hundred clones find room. */
export const ROOMY = { nodeCapacity: { cpu: "128", memory: "512Gi", pods: "250" } } as const;

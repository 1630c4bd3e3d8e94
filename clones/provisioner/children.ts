/** What a clone consists of, and what was said of it. Secrets are asked for by name and label alone, never for their values. */
import { setHeaderOptions } from "@kubernetes/client-node";
import { CLONE_LABELS } from "../../constructs/contract";
import { ifThere, Kube, Resource } from "./kube";
import { LEASES } from "./host-claims";
import { State, Stateful, stateOf } from "./states";

export interface Child extends State {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly created: Date;
  /** Uid of what made it, if that's known. */
  readonly owner?: string;
}

export interface CloneEventLine {
  readonly at: Date;
  readonly type: string;
  readonly reason: string;
  /** `Job/clone-20260205-143022`. */
  readonly object: string;
  readonly message: string;
  readonly count: number;
}

/** An object as either of the client's APIs gives it. */
interface Found extends Stateful {
  readonly metadata: Stateful["metadata"] & {
    readonly name?: string;
    readonly uid?: string;
    readonly creationTimestamp?: string | Date;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
}

/** In the order in which KRO makes them. */
const KINDS: Readonly<Record<string, Resource>> = {
  DBInstance: { group: "rds.services.k8s.aws", version: "v1alpha1", plural: "dbinstances" },
  Job: { group: "batch", version: "v1", plural: "jobs" },
  Ingress: { group: "networking.k8s.io", version: "v1", plural: "ingresses" },
  Lease: LEASES,
};

const ORDER = ["Lease", "Secret", "DBInstance", "Job", "Pod", "Service", "Ingress"];
const METADATA_ALONE = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/** Everything with the clone's label, in the order of its making. */
export async function listChildren(kube: Kube, namespace: string, clone: string): Promise<Child[]> {
  const labelSelector = `${CLONE_LABELS.clone}=${clone}`;
  const query = { namespace, labelSelector };
  const lists: Promise<Child[]>[] = [
    kube.corev1
      .listNamespacedSecret(query, setHeaderOptions("Accept", METADATA_ALONE))
      .then(({ items }) => childrenOf("Secret", items)),
    kube.corev1.listNamespacedPod(query).then(({ items }) => childrenOf("Pod", items)),
    kube.corev1.listNamespacedService(query).then(({ items }) => childrenOf("Service", items)),
    ...Object.entries(KINDS).map(async ([kind, resource]) => {
      // A cluster without ACK has no DBInstances: the kind itself isn't there.
      const list = await ifThere(kube.list<Found>(resource, namespace, { labelSelector }));
      return childrenOf(kind, list?.items ?? []);
    }),
  ];
  const children = (await Promise.all(lists)).flat();
  return children.sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
}

/** What happened to these objects, oldest first. @param uids of the clone and its children */
export async function listEvents(kube: Kube, namespace: string, uids: readonly string[]): Promise<CloneEventLine[]> {
  const lists = await Promise.all(
    uids.map((uid) => kube.corev1.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.uid=${uid}` })),
  );
  return lists
    .flatMap(({ items }) => items)
    .map((event) => ({
      at: new Date(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? 0),
      type: event.type ?? "Normal",
      reason: event.reason ?? "",
      object: `${event.involvedObject.kind ?? ""}/${event.involvedObject.name ?? ""}`,
      message: event.message ?? "",
      count: event.count ?? event.series?.count ?? 1,
    }))
    .sort((one, other) => one.at.getTime() - other.at.getTime());
}

function childrenOf(kind: string, objects: readonly object[]): Child[] {
  return (objects as readonly Found[]).map((object) => ({
    kind,
    name: object.metadata.name ?? "",
    uid: object.metadata.uid ?? "",
    created: new Date(object.metadata.creationTimestamp ?? 0),
    owner: object.metadata.ownerReferences?.[0]?.uid,
    ...stateOf(kind, object),
  }));
}

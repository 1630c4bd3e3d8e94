/** What an OdooCopy becomes: one Job that makes the database, then one that removes it. Never both. */
import { COPY_LABELS } from "../../../constructs/contract";
import type { ResourceGraphDefinitionSpecResources as Node } from "../../../constructs/imports/kro.run";
import { cel, NAME, NAMESPACE } from "../wordpress-clone/expressions";

export interface CopyPods {
  /** Database that is copied, CEL. */
  readonly source: string;
  /** Database that is made or removed, CEL. */
  readonly copy: string;
  /** When Loomworks' own sweep takes the database, should nobody else have: RFC 3339, CEL. */
  readonly expiresAt: string;
}

export interface CopyJobs {
  /** The pod that does it, as Kubernetes reads it. */
  readonly podOf: (action: "create" | "remove", names: CopyPods) => PodTemplate;
  readonly podFailurePolicy: object;
  /** Seconds until a Job is given up. */
  readonly deadlineSeconds: number;
  /** Pods until a Job that makes a copy is given up. */
  readonly backoffLimit: number;
  /** Days that any copy may live. */
  readonly maxDays: number;
}

interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: object;
}

/** Ids of the graph's nodes, as expressions name them. */
export const NODES = { pods: "pods", creation: "creation", removal: "removal" } as const;

/** A removal has to wait until what it interrupted has let go of the lock, and what isn't removed costs disk: ten minutes. */
const REMOVAL_BACKOFF_LIMIT = 6;

/** On pods: what they do. */
const ACTION = "loomworks.app/copy-action";

const ENDED = "schema.spec.ended";

/** CEL: whether a pod still makes the copy. */
const IS_BEING_MADE =
  `${NODES.pods}.exists(p, p.?metadata.?labels["${ACTION}"].orValue("") == "create" && ` +
  '["Pending", "Running", "Unknown"].exists(x, x == p.?status.?phase.orValue("Pending")))';

/** The pods of both Jobs, for what they say and for whether they have gone. */
export function podsNode(): Node {
  const selector = { matchLabels: { [COPY_LABELS.copy]: cel(NAME) } };
  return {
    id: NODES.pods,
    externalRef: { apiVersion: "v1", kind: "Pod", metadata: { namespace: cel(NAMESPACE), selector } },
  };
}

/**
 * Once the end is asked for, KRO takes it away: what runs is to stop, and a release that changed the pod since, which no Job
 * takes, must not stand in the removal's way.
 */
export function creationNode(jobs: CopyJobs): Node {
  return {
    id: NODES.creation,
    includeWhen: [cel(`!${ENDED}`)],
    template: jobTemplate(cel(`${NAME} + "-create"`), "create", jobs, jobs.backoffLimit),
  };
}

/** None until no pod is left that could make what is being removed. */
export function removalNode(jobs: CopyJobs): Node {
  return {
    id: NODES.removal,
    forEach: [{ removalName: cel(`${ENDED} && !(${IS_BEING_MADE}) ? [${NAME} + "-remove"] : []`) }],
    template: jobTemplate(cel("removalName"), "remove", jobs, REMOVAL_BACKOFF_LIMIT),
  };
}

function jobTemplate(
  name: string,
  action: "create" | "remove",
  { podOf, podFailurePolicy, deadlineSeconds, maxDays }: CopyJobs,
  backoffLimit: number,
): object {
  // Not the copy's own end, which may be put off: no Job takes another one.
  const latest = cel(`string(schema.metadata.creationTimestamp + duration("${maxDays * 24}h"))`);
  const { metadata, spec } = podOf(action, { source: cel("schema.spec.source"), copy: cel(NAME), expiresAt: latest });
  const labels = { [COPY_LABELS.copy]: cel(NAME) };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    // KRO deletes without saying what becomes of the pods: these first.
    metadata: { name, labels, finalizers: ["foregroundDeletion"] },
    spec: {
      activeDeadlineSeconds: deadlineSeconds,
      backoffLimit,
      podFailurePolicy,
      template: { metadata: { ...metadata, labels: { ...metadata.labels, ...labels, [ACTION]: action } }, spec },
    },
  };
}

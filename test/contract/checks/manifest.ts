/** Manifests as the cluster sees them, and the questions that several checks ask about them. */

/** One document of dist. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: any;
  readonly [field: string]: any;
}

/** Finds what is wrong with documents that are applied together; no complaint, nothing wrong. */
export type Check = (docs: readonly Manifest[]) => string[];

/** Pods as a workload makes them. */
export interface PodTemplate {
  readonly owner: Manifest;
  readonly namespace: string;
  readonly metadata: any;
  readonly spec: any;
}

/** What identifies an object for people: `Deployment loomworks/odoo`. */
export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

export function podTemplatesOf(docs: readonly Manifest[]): PodTemplate[] {
  return docs.flatMap((owner) => {
    const template = podTemplateOf(owner);
    return template === undefined ? [] : [{ owner, namespace: owner.metadata.namespace, ...template }];
  });
}

function podTemplateOf(doc: Manifest): Pick<PodTemplate, "metadata" | "spec"> | undefined {
  if (doc.kind === "Pod") return { metadata: doc.metadata, spec: doc.spec };
  const template = doc.kind === "CronJob" ? doc.spec?.jobTemplate?.spec?.template : doc.spec?.template;
  return template?.spec?.containers === undefined
    ? undefined
    : { metadata: template.metadata ?? {}, spec: template.spec };
}

export function containersOf({ spec }: PodTemplate): any[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** Whether a LabelSelector selects these labels; an empty one selects all. */
export function selects(selector: any, labels: Readonly<Record<string, string>> = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }: any) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      const among = value !== undefined && values.includes(value);
      return operator === "In" ? among : !among;
    })
  );
}

/** Objects of a kind, in a namespace if one is given. */
export function ofKind(docs: readonly Manifest[], kind: string, namespace?: string): Manifest[] {
  return docs.filter((doc) => doc.kind === kind && (namespace === undefined || doc.metadata.namespace === namespace));
}

/** The port of a Service by name or number. */
export function servicePort(service: Manifest, port: string | number): any {
  return (service.spec.ports ?? []).find((it: any) => it.name === port || it.port === port);
}

/** Whether some container of the pod listens on a port, by name or number. */
export function listensOn(template: PodTemplate, port: string | number): boolean {
  const ports = containersOf(template).flatMap((container) => container.ports ?? []);
  return ports.some((it: any) => it.name === port || it.containerPort === port);
}

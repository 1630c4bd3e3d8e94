import { Check, containersOf, Manifest, nameOf, ofKind, PodTemplate, podTemplatesOf } from "./manifest";

/** A Secret that the stack makes. */
export interface GivenSecret {
  readonly name: string;
  readonly keys: readonly string[];
  /** Names of the workloads that may read it; of a Job, its label app.kubernetes.io/name. */
  readonly readBy: readonly string[];
}

/** What dist may refer to without holding it: the stack makes it, by `constructs/contract.ts`. */
export interface Given {
  readonly secrets: readonly GivenSecret[];
  /** Pods that run outside of dist. */
  readonly peers: readonly { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }[];
}

/** A pod's word that there is an object, and a key in it. */
interface Reference {
  readonly kind: "ConfigMap" | "Secret" | "PersistentVolumeClaim" | "ServiceAccount" | "Service";
  readonly name: string;
  readonly key?: string;
}

/** Everything that a pod needs to start is in its namespace: in dist, or made by the stack. */
export function checkPodReferences(given: Given): Check {
  return (docs) =>
    podTemplatesOf(docs).flatMap((template) =>
      referencesOf(template)
        .map((reference) => complaint(docs, given, template, reference))
        .filter((text) => text !== undefined),
    );
}

/** Each Secret of the contract is read by the pods that the contract says, all of them and no others. */
export function checkSecretReaders(given: Given): Check {
  return (docs) =>
    given.secrets.flatMap(({ name, readBy }) => {
      const readers = podTemplatesOf(docs)
        .filter((template) => referencesOf(template).some((it) => it.kind === "Secret" && it.name === name))
        .map(readerOf);
      return [
        ...readers
          .filter((it) => !readBy.includes(it))
          .map((it) => `Secret ${name}: ${it} reads it, against the contract`),
        ...readBy
          .filter((it) => !readers.includes(it))
          .map((it) => `Secret ${name}: ${it} doesn't read it, against the contract`),
      ];
    });
}

/** A Job's name changes with its pod; what it is called in its labels doesn't. */
function readerOf({ owner }: PodTemplate): string {
  const { name, labels = {} } = owner.metadata;
  return String(owner.kind === "Job" ? (labels["app.kubernetes.io/name"] ?? name) : name);
}

function referencesOf(template: PodTemplate): Reference[] {
  return [...fromVolumes(template), ...fromEnvironment(template), ...fromWorkload(template)];
}

function complaint(
  docs: readonly Manifest[],
  given: Given,
  template: PodTemplate,
  reference: Reference,
): string | undefined {
  const { kind, name, key } = reference;
  const keys = keysOf(docs, given, template, reference);
  if (keys === undefined)
    return `${nameOf(template.owner)}: needs ${kind} ${name}, which is neither in dist nor in the contract`;
  if (key !== undefined && !keys.includes(key))
    return `${nameOf(template.owner)}: needs key ${key} of ${kind} ${name}, which has none such`;
  return undefined;
}

/** What cert-manager makes of a Certificate whose issuer has an authority. */
const CERTIFICATE_KEYS = ["ca.crt", "tls.crt", "tls.key"];

/** Keys of what is referred to; nothing if it isn't there. */
function keysOf(
  docs: readonly Manifest[],
  given: Given,
  template: PodTemplate,
  { kind, name }: Reference,
): readonly string[] | undefined {
  // The one account that each namespace has by itself.
  if (kind === "ServiceAccount" && name === "default") return [];
  const found = ofKind(docs, kind, template.namespace).find(({ metadata }) => metadata.name === name);
  if (found !== undefined)
    return [found.data, found.binaryData, found.stringData].flatMap((data) => Object.keys(data ?? {}));
  if (kind !== "Secret") return undefined;
  const isIssued = ofKind(docs, "Certificate", template.namespace).some(({ spec }) => spec?.secretName === name);
  return isIssued ? CERTIFICATE_KEYS : given.secrets.find((secret) => secret.name === name)?.keys;
}

function fromVolumes({ spec }: PodTemplate): Reference[] {
  return (spec.volumes ?? []).flatMap((volume: any) => [
    ...fromSource(volume),
    ...(volume.projected?.sources ?? []).flatMap(fromSource),
    ...(volume.persistentVolumeClaim
      ? [{ kind: "PersistentVolumeClaim", name: volume.persistentVolumeClaim.claimName }]
      : []),
  ]);
}

/** Of a volume, or of one source of a projected volume. */
function fromSource({ configMap, secret }: any): Reference[] {
  return [
    ...withItems("ConfigMap", configMap?.name, configMap),
    ...withItems("Secret", secret?.secretName ?? secret?.name, secret),
  ];
}

function withItems(kind: Reference["kind"], name: string | undefined, source: any): Reference[] {
  if (name === undefined || source.optional === true) return [];
  return [{ kind, name }, ...(source.items ?? []).map(({ key }: any) => ({ kind, name, key }))];
}

function fromEnvironment(template: PodTemplate): Reference[] {
  return containersOf(template).flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(({ valueFrom }: any) => [
      ...withKey("ConfigMap", valueFrom?.configMapKeyRef),
      ...withKey("Secret", valueFrom?.secretKeyRef),
    ]),
    ...envFrom.flatMap(({ configMapRef, secretRef }: any) => [
      ...withKey("ConfigMap", configMapRef),
      ...withKey("Secret", secretRef),
    ]),
  ]);
}

function withKey(kind: Reference["kind"], reference: any): Reference[] {
  return reference === undefined || reference.optional === true
    ? []
    : [{ kind, name: reference.name, key: reference.key }];
}

function fromWorkload({ owner, spec }: PodTemplate): Reference[] {
  return [
    ...(spec.serviceAccountName ? [{ kind: "ServiceAccount", name: spec.serviceAccountName } as const] : []),
    ...(spec.imagePullSecrets ?? []).map(({ name }: any) => ({ kind: "Secret", name })),
    // Without it, postgres-0.postgres is no name.
    ...(owner.kind === "StatefulSet" ? [{ kind: "Service", name: owner.spec.serviceName } as const] : []),
  ];
}

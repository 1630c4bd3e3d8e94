import { Check, containersOf, listensOn, nameOf, podTemplatesOf, selects } from "./manifest";

/** A repository, and after it a tag other than `latest`, a digest, or both. A registry's port is no tag. */
const PINNED = /^(?<repository>[^@]+?)(:(?!latest(@|$))(?<tag>[\w][\w.-]*))?(@sha256:[0-9a-f]{64})?$/;

/** Each workload selects the pods that it makes: else it makes them without end. */
export const checkWorkloadSelectors: Check = (docs) =>
  podTemplatesOf(docs).flatMap(({ owner, metadata }) => {
    const { selector } = owner.spec;
    // Jobs and pods have none: the cluster makes up the former's.
    if (selector === undefined || owner.kind === "Job") return [];
    return selects(selector, metadata.labels) ? [] : [`${nameOf(owner)}: its selector doesn't select its own pods`];
  });

/** Each mount has its volume, and each volume its mount: one without is the sign of a misspelt other. */
export const checkMounts: Check = (docs) =>
  podTemplatesOf(docs).flatMap((template) => {
    const { owner, spec } = template;
    const claimed = (owner.spec.volumeClaimTemplates ?? []).map((claim: any) => claim.metadata.name);
    const volumes: string[] = [...(spec.volumes ?? []).map((volume: any) => volume.name), ...claimed];
    const mounts: string[] = containersOf(template).flatMap(({ volumeMounts = [] }) =>
      volumeMounts.map((it: any) => it.name),
    );
    return [
      ...mounts
        .filter((name) => !volumes.includes(name))
        .map((name) => `${nameOf(owner)}: mounts ${name}, which is no volume`),
      ...volumes
        .filter((name) => !mounts.includes(name))
        .map((name) => `${nameOf(owner)}: has volume ${name}, and mounts it nowhere`),
    ];
  });

/** Each probe and hook asks at a port that the pod listens on, and two ports of a pod have two names. */
export const checkPorts: Check = (docs) =>
  podTemplatesOf(docs).flatMap((template) => {
    const ports = containersOf(template).flatMap((container) => container.ports ?? []);
    const names: string[] = ports.flatMap(({ name }) => (name === undefined ? [] : [name]));
    const asked = containersOf(template).flatMap(({ livenessProbe, readinessProbe, startupProbe, lifecycle }) =>
      [livenessProbe, readinessProbe, startupProbe, lifecycle?.preStop, lifecycle?.postStart].flatMap((handler) =>
        [handler?.httpGet?.port, handler?.tcpSocket?.port, handler?.grpc?.port].filter((port) => port !== undefined),
      ),
    );
    return [
      ...asked
        .filter((port) => !listensOn(template, port))
        .map((port) => `${nameOf(template.owner)}: probes port ${port}, which no container has`),
      ...names
        .filter((name, index) => names.indexOf(name) !== index)
        .map((name) => `${nameOf(template.owner)}: two ports have the name ${name}`),
    ];
  });

/** Each image is pinned: by a tag that isn't `latest`, or by a digest. */
export const checkImages: Check = (docs) =>
  podTemplatesOf(docs).flatMap((template) =>
    containersOf(template)
      .filter(({ image }) => !isPinned(image))
      .map(({ image }) => `${nameOf(template.owner)}: image ${image} isn't pinned`),
  );

function isPinned(image: string): boolean {
  const match = PINNED.exec(image);
  return match !== null && (match.groups?.tag !== undefined || image.includes("@"));
}

/** dist is read by everybody who reads the repository: nothing secret stands in it, not even encoded. */
export const checkSecrets: Check = (docs) =>
  docs
    .filter(({ kind, data, stringData }) => kind === "Secret" && (data !== undefined || stringData !== undefined))
    .map((doc) => `${nameOf(doc)}: has data in dist; name it in constructs/contract.ts and let the stack make it`);

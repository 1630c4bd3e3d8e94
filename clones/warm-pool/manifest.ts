/** A new pod of the pool and its Secret, from the template that synthesis left. */
import { randomBytes as systemRandom } from "node:crypto";
import { V1ObjectMeta, V1OwnerReference, V1Pod, V1Secret } from "@kubernetes/client-node";
import { CLONE_CREDENTIALS } from "../../constructs/contract";
import { NAME_TOKEN, POOL } from "./labels";

/** Bytes of chance in each password: 160 bits in 40 hexadecimal digits, as clones have them. */
const SECRET_BYTES = 20;

/** The documents' form: `wordpress-warm-` and eight digits. */
const NAME_BYTES = 4;

export type RandomBytes = (size: number) => Uint8Array;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export function newPodName(randomBytes: RandomBytes = systemRandom): string {
  return `wordpress-warm-${hex(randomBytes(NAME_BYTES))}`;
}

/** Name of the Secret of a pod. */
export function secretNameOf(pod: string): string {
  return `${pod}-${CLONE_CREDENTIALS.ending}`;
}

/** @param template as `warmPodTemplate` of clones/templates/warm-pod.ts makes it, as JSON */
export function podManifest(template: string, name: string, namespace: string): V1Pod {
  const pod = Object.assign(new V1Pod(), JSON.parse(template.replaceAll(NAME_TOKEN, name)) as object);
  pod.metadata = Object.assign(new V1ObjectMeta(), pod.metadata, { name, namespace });
  return pod;
}

/** What the pod's containers start with: nobody else's, and nobody's yet. Not to be logged. */
export function newCredentials(randomBytes: RandomBytes = systemRandom): Record<string, string> {
  const { keys } = CLONE_CREDENTIALS;
  const secret = () => hex(randomBytes(SECRET_BYTES));
  return {
    [keys.username]: `clone-${secret().slice(0, 8)}`,
    [keys.password]: secret(),
    [keys.apiKey]: secret(),
    [keys.databaseName]: "wordpress",
    [keys.databaseUser]: "wordpress",
    [keys.databasePassword]: secret(),
  };
}

/** Owned by the pod, so that it goes with it. */
export function secretManifest(pod: V1Pod, stringData: Record<string, string>): V1Secret {
  const { name = "", namespace, uid = "" } = pod.metadata ?? new V1ObjectMeta();
  const metadata = Object.assign(new V1ObjectMeta(), {
    name: secretNameOf(name),
    namespace,
    labels: { [POOL.key]: POOL.value },
    ownerReferences: [Object.assign(new V1OwnerReference(), { apiVersion: "v1", kind: "Pod", name, uid })],
  });
  return Object.assign(new V1Secret(), { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", stringData });
}

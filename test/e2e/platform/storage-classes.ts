/** The StorageClasses that dist names, in a cluster that has none of them. */
import type { KubeObject } from "../../cluster";
import type { Manifest } from "../../../infra/dist";

const API = "storage.k8s.io/v1";
const KIND = "StorageClass";
const DEFAULT = "storageclass.kubernetes.io/is-default-class";

/** The test cluster makes volumes for whatever class it is. */
const ANY_PROVISIONER = "test.loomworks/volumes";

/**
 * Those that claims of `manifests` name and `existing` has not, by the provisioner of the cluster's default class.
 *
 * @param existing StorageClasses of the cluster
 */
export function missingStorageClasses(manifests: readonly Manifest[], existing: readonly KubeObject[]): KubeObject[] {
  const known = existing.map(({ metadata }) => metadata.name);
  const model = existing.find(({ metadata }) => metadata.annotations?.[DEFAULT] === "true");
  const { provisioner = ANY_PROVISIONER, parameters }: Partial<KubeObject> = model ?? {};
  return classesOf(manifests)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      apiVersion: API,
      kind: KIND,
      metadata: { name },
      provisioner,
      ...(parameters === undefined ? {} : { parameters }),
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    }));
}

function classesOf(manifests: readonly Manifest[]): string[] {
  const names = new Set<string>();
  JSON.stringify(manifests, (key, value: unknown) => {
    if (key === "storageClassName" && typeof value === "string") names.add(value);
    return value;
  });
  return [...names].sort();
}

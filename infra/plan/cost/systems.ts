/** Which system a resource is for. */
import { CLONE_NAMESPACES, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { WAVES } from "../../waves";
import type { PlannedResource } from "../model";
import type { System } from "./model";

const OF_CLONES: readonly string[] = [CLONE_SERVICE_NAMESPACE, ...Object.values(CLONE_NAMESPACES)];

/** Parts of the program by the beginning of their path; whatever is in none is shared by all. */
const PARTS: readonly (readonly [path: string, system: System])[] = [
  ["shared-database", "clones"],
  ["clone-addons", "clones"],
  ["kro", "clones"],
  ["nodes > nodes-buffer", "clones"],
  ["filestore", "loomworks"],
  ["storage > storage-backups", "loomworks"],
];

export function systemOf({ path, inputs }: PlannedResource): System {
  const [top = ""] = path.split(" > ");
  const { namespace } = Object(inputs.metadata) as { namespace?: string };
  if (top in WAVES) return systemOfNamespace(namespace ?? "");
  return (
    PARTS.find(([part]) => path === part || path.startsWith(`${part} > `) || path.startsWith(`${part}-`))?.[1] ??
    "platform"
  );
}

/** Of what dist has: a namespace that isn't the clones' is an installation of Loomworks. */
export function systemOfNamespace(namespace: string): System {
  return OF_CLONES.includes(namespace) ? "clones" : "loomworks";
}

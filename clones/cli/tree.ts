import type { WordPressClone } from "../domain/clone";
import { Child, CloneEventLine, listChildren, listEvents } from "../provisioner/children";
import type { Kube } from "../provisioner/kube";

export interface TreeNode extends Child {
  readonly children: readonly TreeNode[];
}

/** A clone, everything that it consists of, and what was heard of all that. */
export interface Tree {
  readonly clone: WordPressClone;
  readonly nodes: readonly TreeNode[];
  /** Oldest first. */
  readonly events: readonly CloneEventLine[];
}

export async function readTree(kube: Kube, clone: WordPressClone): Promise<Tree> {
  const { namespace, name, uid } = clone.metadata;
  const children = await listChildren(kube, namespace, name);
  const events = await listEvents(kube, namespace, [uid, ...children.map((child) => child.uid)]);
  return { clone: withoutCredentials(clone), nodes: arrange(children), events };
}

/** What a person made hangs below the clone; what another object made, below that: a Job's pods. */
export function arrange(children: readonly Child[]): TreeNode[] {
  const uids = new Set(children.map(({ uid }) => uid));
  const below = (owner: string | undefined): TreeNode[] =>
    children
      .filter((child) => (uids.has(child.owner ?? "") ? child.owner : undefined) === owner)
      .map((child) => ({ ...child, children: below(child.uid) }));
  return below(undefined);
}

/** The clone without what its status may carry: a screen is no place for passwords, and a log none either. */
export function withoutCredentials(clone: WordPressClone): WordPressClone {
  if (clone.status === undefined) return clone;
  const secrets = { wordpressUsername: undefined, wordpressPassword: undefined, apiKey: undefined };
  return { ...clone, status: { ...clone.status, ...secrets } };
}

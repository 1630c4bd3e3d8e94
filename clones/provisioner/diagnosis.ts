/** Why a clone isn't ready, read from everything that says something about it. */
import { failureOf, WordPressClone } from "../domain/clone";
import { Child, CloneEventLine, listChildren, listEvents } from "./children";
import { Kube, sentenceOf } from "./kube";

export interface Facts {
  readonly clone: WordPressClone;
  readonly children: readonly Child[];
  readonly events: readonly CloneEventLine[];
}

/** Sentences at most: the first says most. */
const MOST = 3;

/** Reads the facts and says why. Never throws: an error about the error would hide it. */
export async function diagnose(kube: Kube, clone: WordPressClone): Promise<string> {
  const { namespace, name, uid } = clone.metadata;
  try {
    const children = await listChildren(kube, namespace, name);
    const events = await listEvents(kube, namespace, [uid, ...children.map((child) => child.uid)]);
    return reasonOf({ clone, children, events });
  } catch (error) {
    return `${reasonOf({ clone, children: [], events: [] })} (and its objects can't be read: ${sentenceOf(error)})`;
  }
}

/** From what is certain to what is merely the last thing that was heard. */
export function reasonOf({ clone, children, events }: Facts): string {
  const failure = failureOf(clone);
  const problems = children.flatMap(({ problem }) => problem ?? []);
  const warnings = events
    .filter(({ type }) => type === "Warning")
    .map(({ reason, object, message }) => `${object}: ${message} (${reason})`)
    .reverse();
  const open = (clone.status?.conditions ?? [])
    .filter(({ type, status }) => status !== "True" && type !== "Failed")
    .flatMap(({ type, message, reason }) =>
      (message ?? reason ?? "") === "" ? [] : [`${type}: ${message ?? reason}`],
    );
  const sentences = [...new Set([...(failure === undefined ? [] : [failure]), ...problems, ...warnings, ...open])];
  if (sentences.length > 0) return sentences.slice(0, MOST).join("; ");
  if (clone.status === undefined) return "KRO has said nothing about it; does it run, and has it the graph?";
  return children.length === 0 ? "none of its objects exist" : "none of its objects says why";
}

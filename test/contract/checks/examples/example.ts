import type { Title } from "../all";

/** What is broken, in which object of the sound platform, how, and what the check must say. */
export type Example = readonly [what: string, object: string, change: (doc: any) => unknown, complaint: string];

/** Broken examples, by what the check that must find them says of dist. */
export type Examples = Partial<Record<Title, readonly Example[]>>;

/** Spec of the pods that a workload makes. */
export const pod = (doc: any) => doc.spec.template.spec;

/** First container of the pods that a workload makes. */
export const web = (doc: any) => pod(doc).containers[0];

/** Labels of everything that this program makes: Kubernetes' recommended ones, and no others. */

export type Labels = Readonly<Record<string, string>>;

/** What tells the pods of one workload from all others in their namespace. */
export function selectorLabels(name: string): Labels {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "loomworks" };
}

/** Labels of an object that belongs to `name`. */
export function objectLabels(name: string): Labels {
  return { ...selectorLabels(name), "app.kubernetes.io/managed-by": "loomworks-platform" };
}

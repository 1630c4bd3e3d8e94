import * as pulumi from "@pulumi/pulumi";

/** Labels of the objects that the stack makes by itself; those of dist carry their own. */
export const LABELS = {
  "app.kubernetes.io/managed-by": "loomworks-platform",
  "app.kubernetes.io/part-of": "loomworks",
} as const;

/**
 * The base of every component: its type begins with `loomworks:`, its children are parented to it and named after it.
 *
 * A subclass ends its constructor with `registerOutputs`, or the engine shows it as unfinished for ever.
 */
export abstract class Component extends pulumi.ComponentResource {
  /** @param type `<folder>:<Class>`, as in `data:Credentials`; renaming it replaces every child, aliases aside */
  protected constructor(
    type: `${string}:${string}`,
    private readonly componentName: string,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super(`loomworks:${type}`, componentName, {}, opts);
  }

  /** Name of a child, unique in the stack because this component's is. */
  protected nameOf(child: string): string {
    return `${this.componentName}-${child}`;
  }

  /** Options of a child; what `more` says comes on top. */
  protected childOptions(more: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions {
    return { parent: this, ...more };
  }
}

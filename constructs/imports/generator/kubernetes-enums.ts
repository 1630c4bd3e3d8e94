/** The only values that a property, or each item of it, may have. */
export interface Enum {
  /** Definition that has the property: `io.k8s.api.core.v1.Container`. */
  readonly definition: string;
  readonly property: string;
  /** Whether it holds for the items of a list. */
  readonly items: boolean;
  readonly values: readonly string[];
}

const DEFINITION = /^func schema_k8sio_api_([a-z0-9]+)_(v[a-z0-9]+)_(\w+)\(/;
/** Properties of a definition itself stand five tabs deep; those of a schema within it, deeper. */
const PROPERTY = /^\t{5}"(\w+)": \{$/;
const ITEMS = /^\t{7}Items: /;
const ENUM = /^\t+Enum:\s+\[\]interface\{\}\{(.*)\},$/;

/**
 * The enumerations that an API server publishes. The OpenAPI in the source tree is written with that feature off, but the
 * code that a server publishes from has them, in a form that a generator wrote and that is read here line by line.
 *
 * @param code text of `zz_generated.openapi.go`
 */
export function kubernetesEnumsOf(code: string): Enum[] {
  const enums: Enum[] = [];
  let [definition, property, items] = ["", "", false];
  for (const line of code.split("\n")) {
    const start = DEFINITION.exec(line);
    if (start !== null) definition = `io.k8s.api.${start.slice(1).join(".")}`;
    else if (line.startsWith("func ")) definition = "";
    const name = PROPERTY.exec(line)?.[1];
    if (name !== undefined) [property, items] = [name, false];
    items ||= ITEMS.test(line);
    const values = ENUM.exec(line)?.[1];
    if (values === undefined || definition === "") continue;
    enums.push({ definition, property, items, values: JSON.parse(`[${values}]`) as string[] });
  }
  return enums;
}

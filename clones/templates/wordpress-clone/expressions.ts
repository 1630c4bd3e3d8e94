/**
 * The few sentences of CEL that the graph's nodes share. KRO looks for the end of an expression by counting braces outside
 * of double quotes: texts are in double quotes, and none has a brace.
 */
import { CLONE_LABELS, CLONE_PEPPER } from "../../../constructs/contract";

/** Ids of the graph's nodes, as expressions name them. */
export const NODES = {
  platform: "platform",
  pepper: "pepper",
  credentials: "credentials",
  dbInstance: "dbInstance",
  database: "database",
  job: "job",
  sidecarJob: "sidecarJob",
  pods: "pods",
  service: "service",
  ingress: "ingress",
} as const;

/** `expression` where KRO is to put its value. */
export function cel(expression: string): string {
  return `\${${expression}}`;
}

export const NAME = "schema.metadata.name";
export const NAMESPACE = "schema.metadata.namespace";
export const UID = "schema.metadata.uid";
export const CUSTOMER = "schema.spec.customerId";
export const TTL_SECONDS = "schema.spec.ttlSeconds";

/** The database that the clone has: the documents' flag counts like `database: dedicated`. */
export const DATABASE = '(schema.spec.useDedicatedDatabase ? "dedicated" : schema.spec.database)';

/** Whether a pod of the warm pool serves, rather than a Job's. */
export const IS_WARM = 'schema.spec.warmPod != ""';

/** Whether it is reached by a path of a shared load balancer, rather than by a host of its own. */
export const HAS_PATH = 'schema.spec.routing == "path"';

/** On every child: whose it is. */
export function childLabels(): Record<string, string> {
  return { [CLONE_LABELS.clone]: cel(NAME), [CLONE_LABELS.customer]: cel(CUSTOMER) };
}

/** The clone's name with an ending, as the name of a child. */
export function childName(ending = ""): string {
  return cel(ending === "" ? NAME : `${NAME} + "-${ending}"`);
}

/**
 * A list with the clone's name, or an empty one. A node that another refers to must not be left out by `includeWhen`: KRO
 * would leave out the other too. So such a node is made for each element of a list of one or none (decision 3).
 */
export function onceIf(condition: string): string {
  return cel(`${condition} ? [${NAME}] : []`);
}

/**
 * A secret of this clone alone: 160 bits in 40 hex digits, as long as RDS admits. It follows from the pepper and the
 * clone's uid, so KRO computes the same one each time and nobody else can.
 */
export function derived(purpose: string): string {
  const pepper = `string(${NODES.pepper}.data.${Object.keys(CLONE_PEPPER.data)[0] ?? ""})`;
  return `"%x".format([hash.sha256(${pepper} + ":" + ${UID} + ":${purpose}")]).substring(0, 40)`;
}

/** One of several values, by the database that the clone has. */
export function byDatabase(values: Record<"shared" | "dedicated" | "sidecar" | "sqlite", string>): string {
  const { shared, dedicated, sidecar, sqlite } = values;
  const rest = `${DATABASE} == "sidecar" ? ${sidecar} : ${sqlite}`;
  return `(${DATABASE} == "dedicated" ? ${dedicated} : ${DATABASE} == "shared" ? ${shared} : ${rest})`;
}

/** A value of the ConfigMap that the stack makes. */
export function platformValue(key: string): string {
  return `${NODES.platform}.data.${key}`;
}

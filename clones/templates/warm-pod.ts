/**
 * The pod that the warm pool makes: a clone's with MySQL beside it, before it is anybody's. The controller can't
 * synthesize, so that this goes to it as data, in a ConfigMap {@link WARM_POD_TEMPLATE}; the name is filled in there.
 */
import { CLONE_CREDENTIALS } from "../../constructs/contract";
import { MYSQL_START } from "../warm-pool/commands";
import { NAME_TOKEN, POOL, STATUS_LABEL, WARM_POD_TEMPLATE } from "../warm-pool/labels";
import { DATABASE_HOST } from "./wordpress-clone/database";
import { cel, childName, CUSTOMER, DATABASE, NAME } from "./wordpress-clone/expressions";
import { clonePod } from "./wordpress-clone/pod";

export interface WarmPodSettings {
  /** Image of its WordPress: the clones' own. */
  readonly image: string;
  /** Labels of the nodes that it may run on, as those of a buffer pool. @default any node */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints that it puts up with. @default none */
  readonly tolerations?: readonly object[];
}

/** Where its own MySQL listens, for the pod alone. */
const SIDECAR_HOST = "127.0.0.1:3306";

/** What the variables say while it is nobody's, for what KRO would have put there. */
const VARIABLES: Readonly<Record<string, string>> = {
  [DATABASE_HOST]: SIDECAR_HOST,
  CLONE_NAME: NAME_TOKEN,
  CLONE_CUSTOMER: "",
  CLONE_DATABASE: "sidecar",
  CLONE_PATH: "/",
};

/** A log of changes is for replicas, which a clone hasn't: it would only fill the volume. */
const MYSQL_ARGS = ["--disable-log-bin"];

/** Texts that are KRO's to fill in, and what stands there in a pod without a clone. */
const TEXTS: Readonly<Record<string, string>> = {
  [cel(NAME)]: NAME_TOKEN,
  [cel(CUSTOMER)]: "",
  [cel(DATABASE)]: "sidecar",
  [childName(CLONE_CREDENTIALS.ending)]: `${NAME_TOKEN}-${CLONE_CREDENTIALS.ending}`,
};

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string }[];
}

/** The pod's manifest, with {@link NAME_TOKEN} for its name. It holds no secret. */
export function warmPodTemplate({ image, nodeSelector, tolerations }: WarmPodSettings): object {
  const { spec } = filled(clonePod(image, true)) as { spec: { containers: readonly Container[] } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: NAME_TOKEN,
      // Not the clone's label: nothing reaches it, and it reaches nothing, until a job has claimed it (decision 31).
      labels: { [POOL.key]: POOL.value, [STATUS_LABEL]: "creating", "app.kubernetes.io/name": "wordpress-clone" },
    },
    spec: {
      ...spec,
      // A reset ends both containers, which then come again with the new Secret.
      restartPolicy: "Always",
      containers: spec.containers.map((container) => (container.name === "mysql" ? mysql(container) : warm(container))),
      ...(nodeSelector && { nodeSelector }),
      ...(tolerations && { tolerations }),
    },
  };
}

/** `data` of the ConfigMap. */
export function warmPodTemplateData(settings: WarmPodSettings): Record<string, string> {
  return { [WARM_POD_TEMPLATE.key]: JSON.stringify(warmPodTemplate(settings), undefined, 2) };
}

function warm(container: Container): object {
  const env = container.env.map((variable) => {
    const value = VARIABLES[variable.name];
    return value === undefined ? variable : { name: variable.name, value };
  });
  return { ...container, env: [...env, { name: "WARM_POOL_MODE", value: "true" }] };
}

function mysql(container: Container): object {
  return { ...container, command: MYSQL_START, args: [...(container.args ?? []), ...MYSQL_ARGS] };
}

/** With none of KRO's expressions left that {@link TEXTS} knows. */
function filled(part: unknown): unknown {
  if (typeof part === "string") return TEXTS[part] ?? part;
  if (Array.isArray(part)) return part.map(filled);
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, filled(value)]));
}

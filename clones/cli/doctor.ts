/** Looks at everything that the service stands on, and says what is wrong and what to do. */
import {
  AuthorizationV1Api,
  KubeConfig,
  V1SelfSubjectAccessReview,
  V1SelfSubjectAccessReviewSpec,
  VersionApi,
} from "@kubernetes/client-node";
import { CLONE_PLATFORM, CLONE_RESOURCE } from "../../constructs/contract";
import { Kube, sentenceOf } from "../provisioner/kube";

export const DOCTOR_USAGE = `  doctor             checks database, Redis, its queue, the API server, rights and KRO; says what to do`;

export interface Finding {
  readonly what: string;
  /** What was seen. */
  readonly seen: string;
  /** What to do about it; nothing where it is well. */
  readonly remedy?: string;
}

/** One thing to look at. What it throws is a finding, with `remedy`. */
export interface Check {
  readonly what: string;
  readonly remedy: string;
  readonly look: () => Promise<string>;
}

/** Milliseconds for each check: what hangs is ill. */
const CHECK_MILLISECONDS = 5000;

/** All checks at once; one that hangs or fails holds up no other. */
export async function examine(checks: readonly Check[]): Promise<readonly Finding[]> {
  return await Promise.all(
    checks.map(async ({ what, remedy, look }) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer in ${CHECK_MILLISECONDS / 1000} s`)), CHECK_MILLISECONDS);
      });
      try {
        return { what, seen: await Promise.race([look(), late]) };
      } catch (error) {
        return { what, seen: sentenceOf(error), remedy };
      } finally {
        clearTimeout(timer);
      }
    }),
  );
}

export function findingsText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ what, seen, remedy }) =>
    remedy === undefined ? [`ok    ${what}: ${seen}`] : [`WRONG ${what}: ${seen}`, `      → ${remedy}`],
  );
  const wrong = findings.filter(({ remedy }) => remedy !== undefined).length;
  return [...lines, wrong === 0 ? "Nothing is wrong." : `${wrong} of ${findings.length} are wrong.`].join("\n");
}

/** What a worker does with each kind, in its namespace of clones. */
const RIGHTS: readonly (readonly [group: string, resource: string, verbs: readonly string[]])[] = [
  [CLONE_RESOURCE.group, CLONE_RESOURCE.plural, ["get", "list", "watch", "create", "patch", "delete"]],
  ["", "secrets", ["get"]],
  ["", "pods", ["get", "list", "watch", "patch", "delete"]],
  ["coordination.k8s.io", "leases", ["get", "list", "create", "patch", "delete"]],
];

/** What the API server has to say: that it answers, KRO's part, the stack's part, and our own rights. */
export function clusterChecks(config: KubeConfig, namespace: string): readonly Check[] {
  const kube = new Kube(config);
  return [
    {
      what: "API server",
      remedy: "Is KUBECONFIG the right one, and does the network let us through?",
      look: async () => (await config.makeApiClient(VersionApi).getCode()).gitVersion,
    },
    {
      what: "kind WordPressClone",
      remedy: "KRO serves it: is KRO installed, and is its ResourceGraphDefinition wordpress-clone active?",
      look: async () => {
        const { items } = await kube.list(CLONE_RESOURCE, namespace, { limit: 1 });
        return items.length === 0 ? "served; there is no clone" : "served";
      },
    },
    {
      what: `ConfigMap ${CLONE_PLATFORM.name}`,
      remedy: "The stack makes it: pulumi up",
      look: async () => {
        const { data } = await kube.corev1.readNamespacedConfigMap({ namespace, name: CLONE_PLATFORM.name });
        return `shared database at ${data?.[CLONE_PLATFORM.keys.databaseHost] ?? "?"}`;
      },
    },
    {
      what: "rights",
      remedy: "Role clone-worker of this namespace: was dist applied, and are we its account?",
      look: async () => {
        const lacking = await lackingRights(config, namespace);
        if (lacking.length > 0) throw new Error(`not allowed: ${lacking.join(", ")}`);
        return "all that a worker needs";
      },
    },
  ];
}

async function lackingRights(config: KubeConfig, namespace: string): Promise<string[]> {
  const authorization = config.makeApiClient(AuthorizationV1Api);
  const wanted = RIGHTS.flatMap(([group, resource, verbs]) => verbs.map((verb) => ({ group, resource, verb })));
  const answers = await Promise.all(
    wanted.map(async (right) => {
      const spec = Object.assign(new V1SelfSubjectAccessReviewSpec(), { resourceAttributes: { ...right, namespace } });
      const body = Object.assign(new V1SelfSubjectAccessReview(), { spec });
      const { status } = await authorization.createSelfSubjectAccessReview({ body });
      return status?.allowed === true ? [] : [`${right.verb} ${right.resource}`];
    }),
  );
  return answers.flat();
}

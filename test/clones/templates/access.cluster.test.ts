import { CLONE_NAMESPACES, CLONE_RESOURCE, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { ApiError, describeWithCluster, eventually, KubeObject } from "../../cluster";
import { BARE_KIND, synthesizeClones } from "../../support/clone-charts";

const { staging, production } = CLONE_NAMESPACES;
const ELSEWHERE = [CLONE_SERVICE_NAMESPACE, "default", "kube-system", "loomworks"];
const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/** Every right there is, by account and kind; whatever isn't here is refused. */
const RIGHTS: Record<string, Record<string, string[]>> = {
  "clone-service": { "wordpressclones.clones.betaweb.ai": ["get", "list", "watch", "patch"] },
  "clone-worker": {
    "wordpressclones.clones.betaweb.ai": ["get", "list", "watch", "create", "patch", "delete"],
    secrets: ["get", "list"],
    pods: ["get", "list", "watch", "patch", "delete"],
    "pods/exec": ["get", "create"],
    services: ["list"],
    events: ["list"],
    "jobs.batch": ["list"],
    "ingresses.networking.k8s.io": ["list"],
    "dbinstances.rds.services.k8s.aws": ["list"],
    "leases.coordination.k8s.io": ["get", "list", "create", "patch", "delete"],
  },
  "clone-cleaner": {
    "wordpressclones.clones.betaweb.ai": ["get", "list", "watch", "patch", "delete"],
    pods: ["get", "list", "patch", "delete"],
    secrets: ["get"],
    "leases.coordination.k8s.io": ["get", "list", "delete"],
  },
  "clone-warm-pool": {
    "wordpressclones.clones.betaweb.ai": ["get", "list"],
    pods: ["get", "list", "watch", "create", "patch", "delete"],
    "pods/exec": ["get", "create"],
    secrets: ["create", "patch"],
    "leases.coordination.k8s.io": ["create"],
  },
  "clone-redis": {},
  "clone-schema": {},
  stranger: {},
};

/** Those who act in one of the two namespaces alone. */
const ONLY_IN: Record<string, string> = { "clone-warm-pool": staging };

/** Kinds that somebody has rights over, and those that nobody may touch. */
const KINDS = [
  ...Object.keys(RIGHTS["clone-worker"]!),
  "wordpressclones/status.clones.betaweb.ai",
  "wordpressclones/finalizers.clones.betaweb.ai",
  "configmaps",
  "serviceaccounts",
  "serviceaccounts/token",
  "pods/log",
  "pods/portforward",
  "pods/ephemeralcontainers",
  "namespaces",
  "nodes",
  "deployments.apps",
  "roles.rbac.authorization.k8s.io",
  "rolebindings.rbac.authorization.k8s.io",
  "resourcegraphdefinitions.kro.run",
];

const SECRET = { apiVersion: "v1", kind: "Secret", metadata: { namespace: staging, name: "clone-a-credentials" } };
const CLONE = {
  apiVersion: `${CLONE_RESOURCE.group}/${CLONE_RESOURCE.version}`,
  kind: CLONE_RESOURCE.kind,
  metadata: { namespace: staging, name: "clone-20260205-143022" },
};

describeWithCluster("[CLONE-11] The rights of the clone service", { nodes: 0 }, (cluster) => {
  const client = () => cluster().client;
  const userOf = (account: string) => `system:serviceaccount:${CLONE_SERVICE_NAMESPACE}:${account}`;

  beforeAll(async () => {
    const kinds = ["Namespace", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];
    await cluster().apply([BARE_KIND]);
    await cluster().apply(synthesizeClones().objects.filter(({ kind }) => kinds.includes(kind)));
    await cluster().apply([{ ...SECRET, stringData: { "wordpress-password": "for-tests-only" } }]);
    await eventually(() => client().create({ ...CLONE, spec: { customerId: "acme" } }), { what: "a clone" });
  });

  describe.each(Object.keys(RIGHTS))("of %s", (account) => {
    const rights = RIGHTS[account]!;
    const allowedIn = async (namespace: string) => {
      const asked = KINDS.flatMap((kind) => VERBS.map((verb) => ({ kind, verb })));
      const answers = await Promise.all(
        asked.map(async ({ kind, verb }) =>
          (await may(userOf(account), verb, kind, namespace)) ? `${verb} ${kind}` : "",
        ),
      );
      return answers.filter((answer) => answer !== "").sort();
    };
    const all = Object.entries(rights).flatMap(([kind, verbs]) => verbs.map((verb) => `${verb} ${kind}`));

    it.each([staging, production])("are exactly these in %s", async (namespace) => {
      const none = (ONLY_IN[account] ?? namespace) !== namespace;
      expect(await allowedIn(namespace)).toEqual(none ? [] : all.sort());
    });

    it.each(ELSEWHERE)("are none in %s", async (namespace) => {
      expect(await allowedIn(namespace)).toEqual([]);
    });

    it("are none over the whole cluster", async () => {
      expect(await allowedIn("")).toEqual([]);
    });
  });

  it("let the warm pool's replicas contend for their own Lease, and for no customer's host", async () => {
    const user = userOf("clone-warm-pool");
    const on = (name: string) =>
      Promise.all(
        ["get", "patch", "delete"].map((verb) => may(user, verb, "leases.coordination.k8s.io", staging, name)),
      );
    expect(await on("warm-pool")).toEqual([true, true, false]);
    expect(await on("host-acme")).toEqual([false, false, false]);
  });

  it.each(["clone-service", "clone-warm-pool", "stranger"])("keep a clone's Secret from %s", async (account) => {
    await expect(statusAs(account, SECRET)).resolves.toBe(403);
  });

  it("keep clones, whose status may carry passwords, from a stranger", async () => {
    await expect(statusAs("stranger", CLONE)).resolves.toBe(403);
    await expect(statusAs("clone-service", CLONE)).resolves.toBe(200);
  });

  it("let a worker hand over a clone's credentials", async () => {
    await expect(statusAs("clone-worker", SECRET)).resolves.toBe(200);
  });

  async function statusAs(
    account: string,
    object: { apiVersion: string; kind: string; metadata: any },
  ): Promise<number> {
    const path = await client().pathOf(object);
    const user = client().as(userOf(account));
    try {
      await user.request("GET", path);
      return 200;
    } catch (error) {
      if (error instanceof ApiError) return error.status;
      throw error;
    } finally {
      user.close();
    }
  }

  /** @param kind `plural/subresource.group` */
  async function may(user: string, verb: string, kind: string, namespace: string, name?: string): Promise<boolean> {
    const [, resource, subresource, group = ""] = /^([^./]+)(?:\/([^.]+))?(?:\.(.+))?$/.exec(kind)!;
    const resourceAttributes = { verb, resource, subresource, group, namespace, name };
    const review: KubeObject = await client().request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      body: { spec: { user, groups: ["system:serviceaccounts", "system:authenticated"], resourceAttributes } },
    });
    return review.status.allowed as boolean;
  }
});

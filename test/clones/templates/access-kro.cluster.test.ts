import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { runCleaner } from "../../../clones/cleaner/main";
import { listChildren, listEvents } from "../../../clones/provisioner/children";
import { Kube } from "../../../clones/provisioner/kube";
import { CloneProvisioner } from "../../../clones/provisioner/provisioner";
import { CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { describeWithCluster, eventually, KubeObject } from "../../cluster";
import { kubeconfigOf } from "../../support/account-config";
import { BoundKro, KRO_USER, startBoundKro } from "../../support/bound-kro";
import { synthesizeClones } from "../../support/clone-charts";
import { childrenOf } from "../../support/clone-children";
import { CRDS } from "../../support/dist";
import {
  answerAsAck,
  available,
  clone,
  cloneOnce,
  contractObjects,
  graphManifests,
  installGraph,
  PRODUCTION,
  STAGING,
} from "../../support/clone-cluster";
import { shiftedClock } from "../support";

const ACK_CRDS = join(__dirname, "../../support/crds");

describeWithCluster("The platform of clones, KRO with its own rights included", suite(), (cluster) => {
  const client = () => cluster().client;
  let kro: BoundKro | undefined;
  const configOf = async (account: string) => {
    const config = new KubeConfig();
    config.loadFromString(await kubeconfigOf(cluster(), CLONE_SERVICE_NAMESPACE, account));
    return config;
  };

  beforeAll(async () => {
    // The one that came with the cluster may do everything.
    await cluster().kill("kro");
    await cluster().installCrds([ACK_CRDS, CRDS]);
    await cluster().apply(synthesizeClones().objects);
    const contract = [STAGING, PRODUCTION].flatMap(contractObjects);
    await cluster().apply(contract.filter(({ kind }) => kind !== "Namespace"));
    kro = await startBoundKro(cluster());
    await installGraph(cluster(), graphManifests());
  }, 120_000);
  afterAll(() => kro?.stop());

  it.each<[string, KubeObject]>([
    ["shared", clone("clone-20260301-080000", { customerId: "one" })],
    ["sidecar", clone("clone-20260301-080001", { customerId: "two", database: "sidecar" })],
    ["sqlite, by path", clone("clone-20260301-080002", { customerId: "three", database: "sqlite", routing: "path" })],
    ["dedicated", clone("clone-20260301-080003", { customerId: "four", useDedicatedDatabase: true }, PRODUCTION)],
  ])("[KRO-01] lets a clone be made and end, with the database %s", async (_, asked) => {
    await client().create(asked);
    if (asked.spec.useDedicatedDatabase === true) await answerAsAck(client(), asked, available("db.example.com"));
    await cloneOnce(client(), asked, "reconciled, its pod running", ({ status }) =>
      ["Database", "Reconciled"].every((type) =>
        status?.conditions?.some((condition: any) => condition.type === type && condition.status === "True"),
      ),
    );
    expect((await childrenOf(client(), asked)).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["Secret", "Job", "Service", "Ingress"]),
    );

    await client().delete(asked);
    const gone = async () =>
      (await client().find(asked)) === undefined && (await childrenOf(client(), asked)).length === 0;
    await eventually(gone, { what: `the end of ${asked.metadata.name} and of all it had`, timeoutMs: 60_000 });
  });

  it("[CLONE-11] lets a worker make, prolong and describe a clone, and the cleaner end it, each with its own rights", async () => {
    const worker = new Kube(await configOf("clone-worker"));
    const clones = new CloneProvisioner(worker, { namespace: STAGING, database: "sqlite" });
    const { id, credentials } = await clones.createClone({ customerId: "rights", ttlSeconds: 600 });
    expect(credentials.password).toMatch(/^[0-9a-f]{40}$/);
    await clones.extendClone(id, 900);
    const children = await listChildren(worker, STAGING, id);
    expect(children.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["Lease", "Secret", "Job", "Pod", "Service", "Ingress"]),
    );
    expect(
      await listEvents(
        worker,
        STAGING,
        children.map(({ uid }) => uid),
      ),
    ).not.toEqual([]);

    const config = await configOf("clone-cleaner");
    const env = { CLONE_NAMESPACES: `${STAGING},${PRODUCTION}` };
    const { signal } = new AbortController();
    const lines: string[] = [];
    const process = { args: ["once"], env, config, signal, write: (line: string) => void lines.push(line) };
    const gone = async () => {
      // An hour later.
      expect(await runCleaner({ ...process, clock: shiftedClock(3600) })).toBe(0);
      return (await client().find(clone(id))) === undefined;
    };
    await eventually(gone, { what: `the end of ${id}`, timeoutMs: 60_000, intervalMs: 1000 }).catch(
      (error: unknown) => {
        throw new Error(lines.join(""), { cause: error });
      },
    );
    expect(await childrenOf(client(), clone(id))).toEqual([]);
  });

  it("[KRO-13] lets KRO tell by events what happened", async () => {
    const told = (await client().list("v1", "Event", STAGING)).filter(
      ({ involvedObject }) => involvedObject.kind === "WordPressClone",
    );
    expect(told.length).toBeGreaterThan(0);
  });

  it("refuses KRO nothing that it asked for", () => {
    expect(kro!.log()).toContain("WordPressClone");
    expect(kro!.log().match(/[^\n]*forbidden[^\n]*/gi) ?? []).toEqual([]);
  });

  it.each([
    ["create", "deployments", "apps"],
    ["create", "pods", ""],
    ["delete", "pods", ""],
    ["create", "clusterrolebindings", "rbac.authorization.k8s.io"],
    ["create", "wordpressclones", "clones.betaweb.ai"],
    ["delete", "wordpressclones", "clones.betaweb.ai"],
    ["list", "nodes", ""],
    ["create", "serviceaccounts/token", ""],
  ])("[CLONE-11] keeps KRO from what no graph needs: %s %s", async (verb, plural, group) => {
    const [resource, subresource] = plural.split("/");
    const resourceAttributes = { verb, resource, subresource, group, namespace: STAGING };
    const review = await client().request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      body: { spec: { user: KRO_USER, groups: ["system:serviceaccounts"], resourceAttributes } },
    });
    expect(review.status.allowed).toBe(false);
  });
});

function suite() {
  return { own: true, nodes: 2, controllers: ["kro"], volumes: false } as const;
}

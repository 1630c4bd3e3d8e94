import { join } from "node:path";
import { describeWithCluster, eventually, KubeObject } from "../../cluster";
import { BoundKro, KRO_USER, startBoundKro } from "../../support/bound-kro";
import { synthesizeClones } from "../../support/clone-charts";
import { childrenOf } from "../../support/clone-children";
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

const ACK_CRDS = join(__dirname, "../../support/crds");

describeWithCluster("The platform of clones, KRO with its own rights included", suite(), (cluster) => {
  const client = () => cluster().client;
  let kro: BoundKro;

  beforeAll(async () => {
    // The one that came with the cluster may do everything.
    await cluster().kill("kro");
    await cluster().installCrds([ACK_CRDS]);
    await cluster().apply(synthesizeClones().objects);
    const contract = [STAGING, PRODUCTION].flatMap(contractObjects);
    await cluster().apply(contract.filter(({ kind }) => kind !== "Namespace"));
    kro = await startBoundKro(cluster());
    await installGraph(cluster(), graphManifests());
  }, 120_000);
  afterAll(() => kro.stop());

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

  it("[KRO-13] lets KRO tell by events what happened", async () => {
    const told = (await client().list("v1", "Event", STAGING)).filter(
      ({ involvedObject }) => involvedObject.kind === "WordPressClone",
    );
    expect(told.length).toBeGreaterThan(0);
  });

  it("refuses KRO nothing that it asked for", () => {
    expect(kro.log()).toContain("WordPressClone");
    expect(kro.log().match(/[^\n]*forbidden[^\n]*/gi) ?? []).toEqual([]);
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

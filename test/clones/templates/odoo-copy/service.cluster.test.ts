import { randomBytes } from "node:crypto";
import { KubeConfig } from "@kubernetes/client-node";
import { KubernetesCopies } from "../../../../clones/copies/kubernetes-copies";
import { reapCopies } from "../../../../clones/copies/reaper";
import { newJobId } from "../../../../clones/domain/job-id";
import { copyIdOf } from "../../../../clones/domain/tenant-copy";
import { Kube } from "../../../../clones/provisioner/kube";
import { CLONE_SERVICE_NAMESPACE } from "../../../../constructs/contract";
import { ApiError, describeWithCluster, eventually, KubeObject } from "../../../cluster";
import { kubeconfigOf } from "../../../support/account-config";
import type { BoundKro } from "../../../support/bound-kro";
import { copyObject, endPodOf, installCopies, jobOf, LOOMWORKS, MOST, resetQuota } from "../../../support/copy-cluster";
import { shiftedClock } from "../../support";

const REFUSED = JSON.stringify({ result: "refused", code: "COPY_NO_SPACE", reason: "3 of 5 GB are free" });
const SUITE = { own: true, nodes: 0, controllers: ["kro"], volumes: false } as const;

describeWithCluster("Copies as the clone service asks for them, each process with its own rights", SUITE, (cluster) => {
  const client = () => cluster().client;
  let kro: BoundKro | undefined;
  beforeAll(async () => void (kro = await installCopies(cluster())), 240_000);
  afterAll(() => kro?.stop());
  beforeEach(() => resetQuota(cluster()));

  const as = async (account: string) => {
    const config = new KubeConfig();
    config.loadFromString(await kubeconfigOf(cluster(), CLONE_SERVICE_NAMESPACE, account));
    const kube = new Kube(config);
    return { kube, copies: new KubernetesCopies(kube, { namespace: LOOMWORKS, perTenant: 1 }) };
  };
  const { signal } = new AbortController();
  const requestOf = (tenantId: string) => ({ jobId: newJobId(randomBytes), tenantId, ttlSeconds: 900 });
  const objectOf = (id: string) => copyObject({}, id);
  const gone = (id: string) =>
    eventually(async () => (await client().find(objectOf(id))) === undefined, { what: `the end of ${id}` });

  it("are made and removed by a worker, prolonged by the API, and found by their tenant alone", async () => {
    const [{ copies: worker }, { copies: api }] = [await as("clone-worker"), await as("clone-service")];
    const request = requestOf("shop");
    const id = copyIdOf(request.jobId);
    const making = worker.create(request, signal);
    await endPodOf(client(), jobOf(objectOf(id), "create"), 0);
    expect(await making).toMatchObject({ id, tenantId: "shop", url: `https://${id}.loomworks.app` });
    expect(await api.list("shop")).toHaveLength(1);
    expect(await api.list("sho")).toEqual([]);
    const longer = await api.extend(id, 1800);
    expect(longer.expiresAt.getTime() - longer.createdAt.getTime()).toBe(1_800_000);
    await expect(api.assertRoom("shop")).rejects.toThrow(/TENANT_COPY_LIMIT/);
    const removing = worker.remove(id, signal);
    await endPodOf(client(), jobOf(objectOf(id), "remove"), 0);
    expect(await removing).toBe(true);
    await gone(id);
  });

  it("fail with their Job's reason, and are ended by the cleaner when their time is over", async () => {
    const [{ copies: worker }, { kube: cleaner }] = [await as("clone-worker"), await as("clone-cleaner")];
    const request = requestOf("books");
    const id = copyIdOf(request.jobId);
    const making = worker.create(request, signal);
    making.catch(() => undefined);
    await endPodOf(client(), jobOf(objectOf(id), "create"), 2, REFUSED);
    await expect(making).rejects.toThrow(/TENANT_COPY_FAILED.*COPY_NO_SPACE: 3 of 5 GB are free/);
    const reap = async () => await reapCopies(cleaner, LOOMWORKS, shiftedClock(3600), () => undefined);
    expect(await reap()).toEqual({ expired: 1, removed: 0, failed: 0 });
    await endPodOf(client(), jobOf(objectOf(id), "remove"), 0);
    const removed = async () => (await client().get(objectOf(id))).status?.phase === "Removed";
    await eventually(removed, { what: `${id} removed` });
    expect(await reap()).toEqual({ expired: 0, removed: 1, failed: 0 });
    await gone(id);
  });

  it.each<[account: string, verbs: readonly string[]]>([
    ["clone-service", ["get", "list", "patch"]],
    ["clone-worker", ["get", "list", "create", "patch", "delete"]],
    ["clone-cleaner", ["list", "patch", "delete"]],
    ["clone-warm-pool", []],
  ])("are all that %s may touch there", async (account, verbs) => {
    const kinds = ["odoocopies.loomworks.app", "jobs.batch", "secrets.", "pods.", "configmaps."];
    const all = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
    const asked = kinds.flatMap((kind) => all.map((verb) => ({ kind, verb })));
    const granted = await Promise.all(asked.map(({ kind, verb }) => may(account, verb, kind)));
    const found = asked.filter((_, index) => granted[index]).map(({ kind, verb }) => `${verb} ${kind}`);
    expect(found.sort()).toEqual(verbs.map((verb) => `${verb} odoocopies.loomworks.app`).sort());
  });

  it("are refused to a worker that asks for its Job itself", async () => {
    const user = client().as(`system:serviceaccount:${CLONE_SERVICE_NAMESPACE}:clone-worker`);
    const job = {
      ...jobOf(copyObject(), "create"),
      spec: { template: { spec: { restartPolicy: "Never", containers: [] } } },
    };
    try {
      await expect(user.request("POST", `/apis/batch/v1/namespaces/${LOOMWORKS}/jobs`, { body: job })).rejects.toThrow(
        ApiError,
      );
    } finally {
      user.close();
    }
  });

  it("are no more than the installation has room for: the API server counts them", async () => {
    const { copies } = await as("clone-worker");
    for (let made = 0; made < MOST; made += 1) await client().create(copyObject());
    await expect(copies.create(requestOf("late"), signal)).rejects.toThrow(/TENANT_COPY_LIMIT.*all tenants together/);
  });

  async function may(account: string, verb: string, kind: string): Promise<boolean> {
    const [resource, group] = [kind.split(".")[0], kind.slice(kind.indexOf(".") + 1)];
    const resourceAttributes = { verb, resource, group, namespace: LOOMWORKS };
    const user = `system:serviceaccount:${CLONE_SERVICE_NAMESPACE}:${account}`;
    const review: KubeObject = await client().request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      body: { spec: { user, groups: ["system:serviceaccounts", "system:authenticated"], resourceAttributes } },
    });
    return review.status.allowed as boolean;
  }
});

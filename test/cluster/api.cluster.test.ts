import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyStrict, describeWithCluster, eventually } from "./index";
import type { KubeObject } from "./client";

const configMap = (name: string, data: Record<string, string>, namespace = "applied"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace, name },
  data,
});
const NAMESPACE: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "applied" } };

describeWithCluster("a strict apply", { own: true, nodes: 0, audit: true }, (cluster) => {
  const outcomes = async (...objects: KubeObject[]) => (await cluster().apply(objects)).map(({ outcome }) => outcome);

  it("says what it created, changed and left alone, with namespaces first", async () => {
    expect(await outcomes(configMap("one", { a: "1" }), NAMESPACE)).toEqual(["created", "created"]);
    expect(await outcomes(configMap("one", { a: "1" }), NAMESPACE)).toEqual(["unchanged", "unchanged"]);
    expect(await outcomes(configMap("one", { a: "2" }), NAMESPACE)).toEqual(["unchanged", "changed"]);
  });

  it("keeps nothing of a dry run, and says what it would do", async () => {
    await cluster().apply([NAMESPACE, configMap("dry", { a: "1" })]);
    const dry = async (object: KubeObject) => (await cluster().apply([object], { dryRun: true }))[0]?.outcome;
    expect(await dry(configMap("dry", { a: "1" }))).toBe("unchanged");
    expect(await dry(configMap("dry", { a: "2" }))).toBe("changed");
    expect(await dry(configMap("never", {}))).toBe("created");
    expect((await cluster().client.get(configMap("dry", {}))).data).toEqual({ a: "1" });
    expect(await cluster().client.find(configMap("never", {}))).toBeUndefined();
  });

  it("names every object that was refused, and applies the others", async () => {
    const unknownField = { ...configMap("typo", {}), dta: {} };
    const noNamespace = configMap("lost", {}, "nowhere");
    const attempt = cluster().apply([NAMESPACE, unknownField, noNamespace, configMap("good", { a: "1" })]);
    await expect(attempt).rejects.toThrow(
      /CLUSTER_APPLY v1 ConfigMap applied\/typo: got "\w*";[^\n]*dta[^\n]*\nCLUSTER_APPLY v1 ConfigMap nowhere\/lost: got "NotFound"/,
    );
    expect((await cluster().client.get(configMap("good", {}))).data).toEqual({ a: "1" });
  });

  it("reports a field that another manager owns, and takes it when forced", async () => {
    const { client } = cluster();
    await applyStrict(client, [NAMESPACE, configMap("owned", { a: "1" })], { fieldManager: "first" });
    const change = [configMap("owned", { a: "2" })];
    await expect(applyStrict(client, change, { fieldManager: "second" })).rejects.toThrow(/conflict with "first"/);
    const [forced] = await applyStrict(client, change, { fieldManager: "second", force: true });
    expect(forced?.outcome).toBe("changed");
  });

  it("is as strict where objects are created", async () => {
    const unknownField = { ...configMap("typo", {}, "default"), dta: {} };
    await expect(cluster().client.create(unknownField)).rejects.toThrow(/unknown field "dta"/);
  });

  it("can be followed in the audit log", async () => {
    await cluster().apply([configMap("followed", {}, "default")]);
    const log = join(cluster().folder!, "logs/audit.log");
    await eventually(() => /"verb":"patch".*"name":"followed"/.test(readFileSync(log, "utf8")), {
      what: "a line of it",
    });
  });

  it("installs CRDs so that their kind can be used at once", async () => {
    const folder = mkdtempSync(join(tmpdir(), "loomworks-crds-"));
    writeFileSync(join(folder, "gadget.yaml"), CRD);
    try {
      await cluster().installCrds([folder]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const gadget = { apiVersion: "test.loomworks/v1", kind: "Gadget", metadata: { namespace: "default", name: "one" } };
    await cluster().apply([{ ...gadget, spec: { size: 3 } }]);
    expect((await cluster().client.get(gadget)).spec).toEqual({ size: 3 });
    await expect(cluster().apply([{ ...gadget, spec: { sise: 3 } }])).rejects.toThrow(/spec\.sise/);
  });

  it("is refused what admission or RBAC forbids", async () => {
    const restricted = { name: "guarded", labels: { "pod-security.kubernetes.io/enforce": "restricted" } };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace: "guarded", name: "root" },
      spec: { containers: [{ name: "main", image: "example/web:1", securityContext: { privileged: true } }] },
    };
    await cluster().apply([{ ...NAMESPACE, metadata: restricted }]);
    await expect(cluster().apply([pod], { dryRun: true })).rejects.toThrow(/violates PodSecurity "restricted/);

    const nobody = cluster().client.as("system:serviceaccount:guarded:default");
    await expect(nobody.list("v1", "Secret", "guarded")).rejects.toMatchObject({ status: 403, reason: "Forbidden" });
    nobody.close();
  });
});

const CRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gadgets.test.loomworks }
spec:
  group: test.loomworks
  scope: Namespaced
  names: { kind: Gadget, plural: gadgets, singular: gadget, listKind: GadgetList }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { size: { type: integer } } }
`;

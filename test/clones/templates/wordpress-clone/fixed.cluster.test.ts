import { eventually } from "../../../cluster";
import { admissionPolicies } from "../../../support/clone-charts";
import { childrenOf, podOf } from "../../../support/clone-children";
import { clone, describeWithClones, readyClone } from "../../../support/clone-cluster";
import { refusalOf, refusalOfChange } from "../../../support/clone-refusals";

const REMEDY = "Delete the clone, and make another one";

/** As people get to read it; the schema of KRO's making must not answer first. */
const FIXED: readonly (readonly [field: string, value: unknown, reason: string])[] = [
  ["database", "sidecar", "its tables would stay where they are"],
  ["useDedicatedDatabase", true, "its tables would stay where they are"],
  ["customerId", "other", "its host and its credentials are the customer's"],
  ["image", "registry.example.com/loomworks/wordpress-clone:0.2.0", "its pod, and the files in it, would be lost"],
  ["warmPod", "warm-1", "it is served by the pod that it was made with"],
  ["routing", "path", "its URL is in its content"],
  ["albGroup", 3, "its URL is in its content"],
];

describeWithClones("a clone that lives, with KRO's own schema and our policy", {}, (cluster) => {
  const living = clone("clone-20260210-080000", { customerId: "fixed" });

  beforeAll(async () => {
    await cluster().apply(admissionPolicies());
    const probe = clone("no-id");
    await eventually(async () => (await refusalOf(cluster(), probe)) !== undefined, { what: "the policy in force" });
    await readyClone(cluster().client, living, 90_000);
  }, 150_000);

  it.each(FIXED)("[KRO-07] keeps its %s: another is refused with the field and the remedy", async (...row) => {
    const [field, value, reason] = row;
    const before = await cluster().client.get(living);
    // For real: what a dry run says is not yet what happens.
    expect(await refusalOfChange(cluster(), living, { spec: { [field]: value } }, false)).toBe(
      `spec.${field}: got ${String(value)}; it can't change while the clone lives: ${reason}. ${REMEDY}.`,
    );
    expect((await cluster().client.get(living)).spec).toEqual(before.spec);
  });

  it.each<[field: string, value: unknown, sentence: string]>([
    ["customerId", "Acme_1", "it can't be the first part of a host. Use 1 to 40 lower-case letters"],
    ["customerId", "a".repeat(41), "it can't be the first part of a host. Use 1 to 40 lower-case letters"],
    ["ttlSeconds", 0, "a clone needs longer than that to get ready. Give 60 or more, or delete the clone."],
    ["ttlSeconds", 31_536_000, "seconds at the most, extensions included. Give "],
  ])("[KRO-01] is no clone with %s %j: the policy's sentence has the field and the remedy", async (...row) => {
    const [field, value, sentence] = row;
    const refusal = await refusalOf(cluster(), clone("clone-20260210-080001", { [field]: value }));
    expect(refusal).toContain(`spec.${field}: got ${String(value)}; `);
    expect(refusal).toContain(sentence);
  });

  it("[KRO-01] is no clone with a field or a database that nobody knows, and the server names what there is", async () => {
    const database = clone("clone-20260210-080002", { database: "mongo" });
    await expect(refusalOf(cluster(), database)).rejects.toThrow(/spec\.database: .*"mongo".*"shared"/);
    const field = clone("clone-20260210-080003", { colour: "red" });
    await expect(refusalOf(cluster(), field)).rejects.toThrow(/unknown field "spec\.colour"/);
  });

  it("[KRO-04] is extended and ended all the same", async () => {
    const pod = await podOf(cluster().client, living);
    expect(await refusalOfChange(cluster(), living, { spec: { ttlSeconds: 7200 } }, false)).toBeUndefined();
    expect((await podOf(cluster().client, living)).metadata.uid).toBe(pod.metadata.uid);
    await cluster().client.delete(living);
    await eventually(async () => (await cluster().client.find(living)) === undefined, { what: "its end" });
    expect(await childrenOf(cluster().client, living)).toEqual([]);
  });
});

import { CLONE_NAMESPACES, CLONE_RESOURCE } from "../../../constructs/contract";
import { describeWithCluster, eventually, KubeObject } from "../../cluster";
import { admissionPolicies, BARE_KIND } from "../../support/clone-charts";
import { refusalOf, refusalOfChange } from "../../support/clone-refusals";

const { staging, production } = CLONE_NAMESPACES;
const NAME = "clone-20260205-143022";
const DNS_REASON = "it can't be the first part of a host";
const DNS_REMEDY = "Use 1 to 40 lower-case letters, digits and hyphens, and begin and end with a letter or digit";
const NAME_REASON = "it is no clone's id, and the names of all its objects are made of it";
const NAME_REMEDY =
  "Name it clone-YYYYMMDD-HHMMSS, in UTC; where that is taken, add a hyphen and four characters of a-z2-7";
const FIXED_REMEDY = "Delete the clone, and make another one";

function clone(spec: object = {}, metadata: { name?: string; namespace?: string } = {}): KubeObject {
  return {
    apiVersion: `${CLONE_RESOURCE.group}/${CLONE_RESOURCE.version}`,
    kind: CLONE_RESOURCE.kind,
    metadata: { name: NAME, namespace: staging, ...metadata },
    spec: { customerId: "acme", ...spec },
  };
}

const policies = (settings: object = {}) => admissionPolicies({ maxTtlSeconds: 86_400, ...settings });

describeWithCluster("The admission of clones", { nodes: 0 }, (cluster) => {
  const client = () => cluster().client;

  beforeAll(async () => {
    await cluster().apply([staging, production].map(namespaceOf));
    await cluster().apply([BARE_KIND]);
    await cluster().apply(policies());
    const { group, version, kind } = CLONE_RESOURCE;
    await eventually(() => client().list(`${group}/${version}`, kind), { what: "the kind" });
    const isRefused = async () => (await refusalOf(cluster(), clone({}, { name: "probe" }))) !== undefined;
    await eventually(isRefused, { what: "the policy in force" });
  });

  it("[KRO-09] lets in the ids that clones get, and the longest customer", async () => {
    for (const name of [NAME, `${NAME}-k3fq`]) {
      expect(await refusalOf(cluster(), clone({ customerId: "a".repeat(40) }, { name }))).toBeUndefined();
    }
  });

  it.each<[string, object, string?]>([
    ["shared", { database: "shared" }],
    ["sidecar", { database: "sidecar" }],
    ["sqlite", { database: "sqlite" }],
    ["dedicated by name", { database: "dedicated" }, production],
    ["dedicated by the documents' flag", { useDedicatedDatabase: true }, production],
    ["dedicated by both", { useDedicatedDatabase: true, database: "dedicated" }, production],
    ["a warm pod's", { warmPod: "warm-1", database: "sidecar" }],
  ])("[KRO-07] lets in each database: %s", async (_, spec, namespace = staging) => {
    expect(await refusalOf(cluster(), clone(spec, { namespace }))).toBeUndefined();
  });

  it.each<[string, string, KubeObject, string]>([
    [
      "KRO-09",
      "a name that is no id",
      clone({}, { name: "my-clone" }),
      `metadata.name: got my-clone; ${NAME_REASON}. ${NAME_REMEDY}.`,
    ],
    [
      "KRO-09",
      "an id that goes on, into names that are too long",
      clone({}, { name: `${NAME}-k3fqq` }),
      `metadata.name: got ${NAME}-k3fqq; ${NAME_REASON}. ${NAME_REMEDY}.`,
    ],
    [
      "CLONE-09",
      "a customer that is no DNS label",
      clone({ customerId: "Acme_1" }),
      `spec.customerId: got Acme_1; ${DNS_REASON}. ${DNS_REMEDY}.`,
    ],
    [
      "CLONE-09",
      "a customer of 41 characters",
      clone({ customerId: "a".repeat(41) }),
      `spec.customerId: got ${"a".repeat(41)}; ${DNS_REASON}. ${DNS_REMEDY}.`,
    ],
    [
      "CLONE-09",
      "a customer whose host is the API's",
      clone({ customerId: "api" }),
      "spec.customerId: got api; that host below clones.betaweb.ai is the service's own. Choose another id.",
    ],
    [
      "KRO-01",
      "an image of another registry",
      clone({ image: "docker.io/library/wordpress:6.9" }),
      "spec.image: got docker.io/library/wordpress:6.9; a clone holds a customer's data, and runs our own images alone. " +
        "Use an image below registry.example.com/loomworks/, or leave the field out.",
    ],
    [
      "KRO-01",
      "an image of a registry whose name begins like ours",
      clone({ image: "registry.example.com/loomworks-evil/wordpress:1" }),
      "spec.image: got registry.example.com/loomworks-evil/wordpress:1; a clone holds a customer's data, and runs our own " +
        "images alone. Use an image below registry.example.com/loomworks/, or leave the field out.",
    ],
    [
      "KRO-07",
      "both a dedicated database and one in the pod",
      clone({ useDedicatedDatabase: true, database: "sqlite" }, { namespace: production }),
      "spec.useDedicatedDatabase: got true; it contradicts spec.database, which asks for a database inside of the pod. " +
        "Leave one of the two out.",
    ],
    [
      "KRO-07",
      "a dedicated database in staging",
      clone({ database: "dedicated" }),
      "spec.database: got dedicated; an RDS instance of its own costs money each hour, and is for wordpress-production " +
        "alone. Use shared, sidecar or sqlite, or make the clone in wordpress-production.",
    ],
    [
      "KRO-07",
      "a dedicated database in staging, by the flag",
      clone({ useDedicatedDatabase: true }),
      "spec.database: got dedicated; an RDS instance of its own costs money each hour, and is for wordpress-production " +
        "alone. Use shared, sidecar or sqlite, or make the clone in wordpress-production.",
    ],
    [
      "WARM-07",
      "a warm pod with another database than its own",
      clone({ warmPod: "warm-1", database: "shared" }),
      "spec.database: got shared; a warm pod brings its own MySQL along. Use sidecar, or leave spec.warmPod out.",
    ],
    [
      "KRO-03",
      "a life above the stack's longest",
      clone({ ttlSeconds: 86_401 }),
      "spec.ttlSeconds: got 86401; a clone lives for 86400 seconds at the most, extensions included. Give 86400 or less.",
    ],
    [
      "KRO-03",
      "a life of nothing",
      clone({ ttlSeconds: 0 }),
      "spec.ttlSeconds: got 0; a clone needs longer than that to get ready. Give 60 or more, or delete the clone.",
    ],
  ])("[%s] refuses %s, and says what to do", async (_id, _title, asked, sentence) => {
    expect(await refusalOf(cluster(), asked)).toBe(sentence);
  });

  describe("of one that lives", () => {
    const living = clone({ ttlSeconds: 3600, database: "sidecar" }, { name: `${NAME}-aaaa`, namespace: production });
    beforeAll(() => client().create(living));

    it("[KRO-04] admits an extension, up to the longest life", async () => {
      expect(await refusalOfChange(cluster(), living, { spec: { ttlSeconds: 86_400 } })).toBeUndefined();
      expect(await refusalOfChange(cluster(), living, { spec: { ttlSeconds: 86_401 } })).toBe(
        "spec.ttlSeconds: got 86401; a clone lives for 86400 seconds at the most, extensions included. " +
          "Give 86400 or less.",
      );
    });

    it.each<[string, unknown, string]>([
      ["database", "shared", "its tables would stay where they are"],
      ["useDedicatedDatabase", true, "its tables would stay where they are"],
      ["customerId", "other", "its host and its credentials are the customer's"],
      ["image", "registry.example.com/loomworks/wordpress-clone:0.2.0", "its pod, and the files in it, would be lost"],
      ["warmPod", "warm-1", "it is served by the pod that it was made with"],
      ["routing", "path", "its URL is in its content"],
      ["albGroup", 3, "its URL is in its content"],
    ])("[KRO-07] refuses another %s, and says what to do", async (field, value, reason) => {
      expect(await refusalOfChange(cluster(), living, { spec: { [field]: value } })).toBe(
        `spec.${field}: got ${String(value)}; it can't change while the clone lives: ${reason}. ${FIXED_REMEDY}.`,
      );
    });

    it("[KRO-03] is no hindrance to its end when the settings became stricter meanwhile", async () => {
      await cluster().apply(policies({ maxTtlSeconds: 1800, images: { registry: "registry.example.com/other" } }));
      const stricter = async () => (await refusalOf(cluster(), clone())) !== undefined;
      await eventually(stricter, { what: "the stricter policy in force" });
      try {
        const finalizers = ["kro.run/finalizer"];
        expect(await refusalOfChange(cluster(), living, { metadata: { finalizers } }, false)).toBeUndefined();
        expect(await refusalOfChange(cluster(), living, { metadata: { finalizers: [] } }, false)).toBeUndefined();
        expect(await refusalOfChange(cluster(), living, { spec: { ttlSeconds: 900 } })).toBeUndefined();
        expect(await refusalOfChange(cluster(), living, { spec: { ttlSeconds: 7200 } })).toContain("at the most");
      } finally {
        await cluster().apply(policies());
      }
    });
  });
});

function namespaceOf(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

import { setTimeout as sleep } from "node:timers/promises";
import { eventually, fakeNode, KubeObject } from "../../../cluster";
import {
  creationsIn,
  dbInstanceOf,
  jobOf,
  kindsOf,
  podOf,
  secretOf,
  variableOf,
} from "../../../support/clone-children";
import {
  answerAsAck,
  available,
  clone,
  cloneOnce,
  conditionOf,
  describeWithClones,
  PRODUCTION,
  SHARED_HOST,
} from "../../../support/clone-cluster";

const BEFORE_ADDRESS = ["DBInstance", "Secret"];
const BEFORE_POD = ["ConfigMap", "DBInstance", "Job", "Pod", "Secret"];
const ALL = ["ConfigMap", "DBInstance", "Ingress", "Job", "Pod", "Secret", "Service"];

// Without a node no pod runs, and without us no database has an address: each stage lasts as long as a test looks at it.
describeWithClones("the stages of a clone with a database of its own", { nodes: 0, audit: true }, (cluster) => {
  const dedicated = clone("clone-20260205-143022", { useDedicatedDatabase: true }, PRODUCTION);
  const at = (what: string, holds: (found: KubeObject) => boolean) =>
    cloneOnce(cluster().client, dedicated, what, holds);
  const has = (kinds: string[]) =>
    eventually(
      async () => {
        expect(await kindsOf(cluster().client, dedicated)).toEqual(kinds);
        return true;
      },
      { what: kinds.join(", ") },
    );

  it("[KRO-02] [KRO-06] [KRO-07] asks for a DBInstance, and says that RDS provisioning is in progress", async () => {
    await cluster().client.create(dedicated);
    const { status } = await at("provisioning", (found) => conditionOf(found, "Database") !== undefined);
    expect(conditionOf({ ...dedicated, status }, "Database")).toMatchObject({
      status: "False",
      reason: "Provisioning",
      message: "RDS provisioning in progress",
    });
    expect(conditionOf({ ...dedicated, status }, "Ready")).toMatchObject({
      status: "False",
      reason: "DatabasePending",
      message: "Waits for its database",
    });
    expect(status).toMatchObject({ ready: false, database: "dedicated" });
    expect(status.databaseHost).toBeUndefined();
  });

  it("[KRO-02] has no Job as long as RDS has no address, however much else ACK says", async () => {
    await answerAsAck(cluster().client, dedicated, { dbInstanceStatus: "creating", endpoint: { port: 3306 } });
    await sleep(5000);
    expect(await kindsOf(cluster().client, dedicated)).toEqual(BEFORE_ADDRESS);
  });

  it("[KRO-01] gives the instance the clone's credentials, and nothing that outlives it", async () => {
    const { metadata, spec } = await cluster().client.get(dbInstanceOf(dedicated));
    expect(metadata.annotations).toMatchObject({
      "services.k8s.aws/deletion-policy": "delete",
      "rds.services.k8s.aws/skip-final-snapshot": "true",
      "rds.services.k8s.aws/delete-automated-backups": "true",
    });
    expect(spec).toMatchObject({
      engine: "mysql",
      publiclyAccessible: false,
      storageEncrypted: true,
      backupRetentionPeriod: 0,
      dbSubnetGroupName: "clones",
      vpcSecurityGroupIDs: ["sg-0123456789abcdef0"],
      masterUserPassword: { namespace: PRODUCTION, name: secretOf(dedicated).metadata.name, key: "database-password" },
    });
    expect(spec.dbInstanceIdentifier).toMatch(/^clone-20260205-143022-[0-9a-f]{8}$/);
    const { data } = await cluster().client.get(secretOf(dedicated));
    expect(Buffer.from(data["database-password"], "base64").toString()).toMatch(/^[0-9a-f]{40}$/);
  });

  it("[KRO-02] [KRO-06] makes the Job when the address is known, and says RDS ready", async () => {
    await answerAsAck(cluster().client, dedicated, available("clone.rds.example.com"));
    await has(BEFORE_POD);
    const found = await at("RDS ready", (one) => {
      return conditionOf(one, "Database").status === "True" && conditionOf(one, "Ready").reason === "PodStarting";
    });
    expect(conditionOf(found, "Database")).toMatchObject({ reason: "Available", message: "RDS ready" });
    expect(conditionOf(found, "Ready").status).toBe("False");
    expect(found.status.databaseHost).toBe("clone.rds.example.com");
    const pod = await podOf(cluster().client, dedicated);
    expect(await variableOf(cluster().client, pod, "WORDPRESS_DB_HOST")).toBe("clone.rds.example.com");
  });

  it("[KRO-02] has no Service and no Ingress as long as no pod runs", async () => {
    await sleep(5000);
    expect(await kindsOf(cluster().client, dedicated)).toEqual(BEFORE_POD);
  });

  it("[KRO-02] [KRO-06] makes Service and Ingress when one does, and is ready", async () => {
    await cluster().client.create(fakeNode("late", "a"));
    const found = await at("ready", ({ status }) => status.ready === true);
    expect(conditionOf(found, "Ready")).toMatchObject({ status: "True", reason: "Serving" });
    expect(conditionOf(found, "Failed")).toBeUndefined();
    expect(await kindsOf(cluster().client, dedicated)).toEqual(ALL);
  });

  it("[KRO-02] came to be in the documents' order, by KRO alone", () => {
    const made = creationsIn(cluster()).filter(({ user, namespace }) => user === "kro" && namespace === PRODUCTION);
    // The Job's ConfigMap comes with it, a moment before or after.
    const others = ["configmaps", "events"];
    const order = made.map(({ resource }) => resource).filter((resource) => !others.includes(resource));
    expect(order).toEqual(["secrets", "dbinstances", "jobs", "services", "ingresses"]);
  });

  it("[KRO-06] says what RDS refused, instead of waiting for it", async () => {
    const refused = clone("clone-20260205-143023", { database: "dedicated", customerId: "beta" }, PRODUCTION);
    await cluster().client.create(refused);
    await answerAsAck(cluster().client, refused, {
      conditions: [{ type: "ACK.Terminal", status: "True", message: "InstanceQuotaExceeded" }],
    });
    const found = await cloneOnce(
      cluster().client,
      refused,
      "failed",
      (one) => conditionOf(one, "Failed") !== undefined,
    );
    expect(conditionOf(found, "Failed")).toMatchObject({
      status: "True",
      reason: "DatabaseRefused",
      message: "RDS refused: InstanceQuotaExceeded",
    });
    expect(conditionOf(found, "Database")).toMatchObject({ status: "False", reason: "Refused" });
    expect(await cluster().client.find(jobOf(refused))).toBeUndefined();
  });

  it("[KRO-07] takes the shared server's host from the namespace's configuration, and asks for no DBInstance", async () => {
    const shared = clone("clone-20260205-143024", { customerId: "gamma" });
    await cluster().client.create(shared);
    const found = await cloneOnce(cluster().client, shared, "ready", ({ status }) => status?.ready === true);
    expect(found.status).toMatchObject({ database: "shared", databaseHost: SHARED_HOST });
    expect(await cluster().client.find(dbInstanceOf(shared))).toBeUndefined();
    const pod = await podOf(cluster().client, shared);
    expect(await variableOf(cluster().client, pod, "WORDPRESS_DB_HOST")).toBe(SHARED_HOST);
  });
});

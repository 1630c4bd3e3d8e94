import { events, eventually, KubeObject } from "../../../cluster";
import { kindsOf, podOf, secretOf, variableOf } from "../../../support/clone-children";
import {
  clone,
  cloneOnce,
  conditionOf,
  describeWithClones,
  graphManifests,
  PRODUCTION,
  readyClone,
  STAGING,
} from "../../../support/clone-cluster";

describeWithClones("what a clone consists of, and says of itself", {}, (cluster) => {
  const made = clone("clone-20260206-090000", { ttlSeconds: 7200 });
  let ready: KubeObject;

  it("[KRO-01] is accepted as a graph, in one order", async () => {
    const { status } = await cluster().client.get(graphManifests()[0]!);
    expect(status.state).toBe("Active");
    const order: string[] = status.topologicalOrder;
    const documents = ["credentials", "dbInstance", "job", "service", "ingress"];
    expect(order.filter((id) => documents.includes(id))).toEqual(documents);
  });

  it("[KRO-01] is Secret, Job, Service and Ingress, with the pod and the host that it is given", async () => {
    ready = await readyClone(cluster().client, made);
    expect(await kindsOf(cluster().client, made)).toEqual(["ConfigMap", "Ingress", "Job", "Pod", "Secret", "Service"]);
  });

  it("[KRO-05] says URL, credentials, end, readiness and the Secret", async () => {
    const secret = (await cluster().client.get(secretOf(made))).data;
    const text = (key: string) => Buffer.from(secret[key], "base64").toString("utf8");
    const end = new Date(Date.parse(ready.metadata.creationTimestamp) + 7200 * 1000);
    expect(ready.status).toMatchObject({
      cloneUrl: "https://acme.clones.betaweb.ai",
      wordpressUsername: text("wordpress-username"),
      wordpressPassword: text("wordpress-password"),
      apiKey: text("api-key"),
      expiresAt: `${end.toISOString().slice(0, 19)}Z`,
      ready: true,
      credentialsSecret: "clone-20260206-090000-credentials",
    });
    expect(ready.status.wordpressPassword).toMatch(/^[0-9a-f]{40}$/);
    expect(ready.status.wordpressUsername).toMatch(/^clone-[0-9a-f]{8}$/);
    expect(ready.status.databaseName).toBe(text("database-name"));
  });

  it("[KRO-05] gives the pod the same credentials", async () => {
    const pod = await podOf(cluster().client, made);
    const value = (name: string) => variableOf(cluster().client, pod, name);
    expect(await value("WORDPRESS_ADMIN_USER")).toBe(ready.status.wordpressUsername);
    expect(await value("WORDPRESS_ADMIN_PASSWORD")).toBe(ready.status.wordpressPassword);
    expect(await value("MIGRATION_API_KEY")).toBe(ready.status.apiKey);
    expect(await value("WP_ENVIRONMENT_TYPE")).toBe("staging");
  });

  it("[KRO-05] has no secret in common with another clone, or with itself under another purpose", async () => {
    const other = await readyClone(cluster().client, clone("clone-20260206-090001", { customerId: "beta" }));
    const secrets = [ready, other].flatMap(({ status }) => [
      status.wordpressPassword,
      status.apiKey,
      status.databaseName,
    ]);
    const passwords = await Promise.all(
      [ready, other].map(async (one) => (await cluster().client.get(secretOf(one))).data["database-password"]),
    );
    const all = [...secrets, ...passwords.map((text: string) => Buffer.from(text, "base64").toString("utf8"))];
    expect(new Set(all).size).toBe(all.length);
  });

  it("[KRO-05] keeps credentials out of status where they are not to be exposed, and still names the Secret", async () => {
    const hidden = clone("clone-20260206-090002", { customerId: "gamma", exposeCredentials: false });
    const { status } = await readyClone(cluster().client, hidden);
    expect(status).toMatchObject({ ready: true, credentialsSecret: "clone-20260206-090002-credentials" });
    for (const field of ["wordpressUsername", "wordpressPassword", "apiKey"]) expect(status).not.toHaveProperty(field);

    await cluster().client.merge(hidden, { spec: { exposeCredentials: true } });
    await cloneOnce(cluster().client, hidden, "exposed", (found) => found.status.wordpressPassword !== undefined);
    await cluster().client.merge(hidden, { spec: { exposeCredentials: false } });
    await cloneOnce(cluster().client, hidden, "hidden", (found) => found.status.wordpressPassword === undefined);
  });

  it("[KRO-05] shows customer, database, readiness, end and URL in a list", async () => {
    const path = await cluster().client.pathOf(made);
    const table = await cluster().client.request("GET", path, {
      headers: { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    });
    const names = table.columnDefinitions.map(({ name }: any) => name);
    expect(names).toEqual(["Name", "Customer", "Database", "Ready", "Expires", "URL"]);
    const { expiresAt, cloneUrl } = ready.status;
    expect(table.rows[0].cells).toEqual([made.metadata.name, "acme", "shared", true, expiresAt, cloneUrl]);
  });

  it("[KRO-13] tells its stages as events of the clone", async () => {
    await eventually(
      async () => {
        const all = await events(cluster().client, STAGING);
        const ours = all.filter((line) => line.includes(`WordPressClone/${made.metadata.name}: `));
        const told = ours.map((line) => line.replace(/ WordPressClone.*: (?=none|False|True)/, ": "));
        expect(told).toEqual(expect.arrayContaining(["Normal Ready: False -> True: Serving"]));
        expect(told.filter((line) => line.includes(" Failed"))).toEqual([]);
        return true;
      },
      { what: "the event of a clone that serves" },
    );
  });

  it.each([
    ["sidecar", "127.0.0.1:3306", "MySQL ready beside WordPress", ["wordpress", "mysql"]],
    ["sqlite", "", "SQLite file in the pod", ["wordpress"]],
    ["shared", "mysql.shared.example.com", "Shared server mysql.shared.example.com", ["wordpress"]],
  ])("[KRO-06] [KRO-07] has its tables in %s", async (database, host, message, containers) => {
    const asked = clone(`clone-20260206-1000-${database}`, { customerId: `db-${database}`, database });
    const found = await readyClone(cluster().client, asked);
    expect(found.status).toMatchObject({ database, databaseHost: host });
    expect(conditionOf(found, "Database")).toMatchObject({ status: "True", message });
    const pod = await podOf(cluster().client, asked);
    expect(pod.spec.containers.map(({ name }: any) => name)).toEqual(containers);
    expect(await variableOf(cluster().client, pod, "WORDPRESS_DB_HOST")).toBe(host);
    expect(await variableOf(cluster().client, pod, "CLONE_DATABASE")).toBe(database);
  });

  it("[KRO-06] says what it waits for when KRO can't begin", async () => {
    const { client } = cluster();
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "bare" } });
    await client.create(clone("clone-20260206-110000", {}, "bare"));
    const found = await cloneOnce(
      client,
      clone("clone-20260206-110000", {}, "bare"),
      "told",
      (one) => conditionOf(one, "Reconciled") !== undefined,
    );
    expect(found.status.ready).toBe(false);
    expect(conditionOf(found, "Ready")).toMatchObject({ status: "False", reason: "PodPending" });
    expect(conditionOf(found, "Reconciled").message).toContain("platform");
  });

  it("[WARM-02] asks for the documents' resources, in a pod that the level restricted admits", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: PRODUCTION } };
    await cluster().client.merge(namespace, {
      metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    const asked = clone("clone-20260206-120000", { customerId: "strict", database: "sidecar" }, PRODUCTION);
    await readyClone(cluster().client, asked);
    const [wordpress, mysql] = (await podOf(cluster().client, asked)).spec.containers;
    expect(wordpress.resources).toEqual({
      requests: { cpu: "500m", memory: "512Mi" },
      limits: { cpu: "1", memory: "1Gi" },
    });
    expect(mysql).toMatchObject({
      livenessProbe: { exec: { command: ["mysqladmin", "ping", "-h127.0.0.1"] }, initialDelaySeconds: 30 },
      readinessProbe: { exec: { command: ["mysqladmin", "ping", "-h127.0.0.1"] }, periodSeconds: 5 },
    });
  });

  it.each([
    ["customerId", { customerId: 7 }],
    ["ttlSeconds", { ttlSeconds: "1h" }],
    ["database", { database: "oracle" }],
    ["routing", { routing: "dns" }],
    ["albGroup", { albGroup: -1 }],
    ["colour", { colour: "green" }],
  ])("[KRO-01] refuses a wrong %s, by its name", async (field, spec) => {
    await expect(cluster().client.create(clone("clone-20260206-130000", spec))).rejects.toThrow(field);
  });

  it("[KRO-01] is told by label whose it is, with everything that it has", async () => {
    const children = await cluster().client.list("v1", "Secret", STAGING, "clones.betaweb.ai/customer=beta");
    expect(children.map(({ metadata }) => metadata.name)).toEqual(["clone-20260206-090001-credentials"]);
  });
});

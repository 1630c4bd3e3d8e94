import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
  CLONE_NAMESPACES,
  CLONE_PEPPER,
  CLONE_PLATFORM,
  CLONE_SECRETS,
  CLONE_SERVICE_NAMESPACE,
} from "../../constructs/contract";
import { CloneDataArgs, createCloneData } from "../../infra/clones";
import { clonesSettings } from "../support/clone-charts";
import { register, Registration, revealed } from "../support/pulumi-mocks";

const NAMESPACES = Object.values(CLONE_NAMESPACES);

/** What the providers would make: something of its own for each name. */
function makes(type: string, name: string): Record<string, unknown> | undefined {
  if (type.endsWith("RandomPassword")) return { result: pulumi.secret(`made for ${name}`) };
  return type.endsWith("RandomBytes") ? { base64: pulumi.secret(`bytes for ${name}`) } : undefined;
}

async function made(overrides: object = {}, more: Partial<CloneDataArgs> = {}): Promise<Registration[]> {
  const program = () => {
    const providers = { kubernetes: new k8s.Provider("cluster", {}), random: new random.Provider("random", {}) };
    createCloneData({ settings: clonesSettings({ ...overrides }), rotation: {}, ...more }, { providers });
  };
  return await register(program, makes);
}

const inputsOf = (registered: readonly Registration[], type: string) =>
  registered.filter((resource) => resource.type === type).map(({ inputs }) => inputs);

const secretsIn = (registered: readonly Registration[]) => inputsOf(registered, "kubernetes:core/v1:Secret");

describe("What the program makes for clones", () => {
  it("[KRO-05] is a pepper of its own for each namespace, sent as a secret", async () => {
    const secrets = secretsIn(await made()).filter(({ metadata }) => metadata.name === CLONE_PEPPER.name);
    expect(secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(
      NAMESPACES.map((namespace) => `${namespace}/${CLONE_PEPPER.name}`),
    );
    const peppers = secrets.map(({ stringData }) => revealed(stringData)?.pepper);
    expect(peppers.every((pepper) => typeof pepper === "string")).toBe(true);
    expect(new Set(peppers).size).toBe(NAMESPACES.length);
  });

  it("[KRO-07] is a ConfigMap for each namespace, with the shared database's host from the configuration", async () => {
    const host = "mysql.example.com";
    const maps = inputsOf(await made({ sharedDatabase: { host } }), "kubernetes:core/v1:ConfigMap");
    expect(maps.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(
      NAMESPACES.map((namespace) => `${namespace}/${CLONE_PLATFORM.name}`),
    );
    for (const { data } of maps) {
      expect(data).toEqual({ databaseHost: host, databaseSubnetGroup: "", databaseSecurityGroup: "" });
    }
  });

  it("[KRO-07] names the port where it isn't MySQL's own", async () => {
    const [map] = inputsOf(
      await made({ sharedDatabase: { host: "mysql.example.com", port: 13_306 } }),
      "kubernetes:core/v1:ConfigMap",
    );
    expect(map?.data.databaseHost).toBe("mysql.example.com:13306");
  });
});

describe("[PLAT-08] Where the program makes the shared database itself", () => {
  const database = {
    host: "db.example.eu-central-1.rds.amazonaws.com",
    port: 3306,
    subnetGroup: "databases",
    securityGroupId: "sg-databases",
  };
  const administrator = { user: "clone_admin", password: pulumi.secret("made") };
  const secretOf = (registered: readonly Registration[], name: string) =>
    revealed(secretsIn(registered).find(({ metadata }) => metadata.name === name)?.stringData);

  it("clones, jobs and the cleaner are told its host, whatever the settings say", async () => {
    const registered = await made({ sharedDatabase: { host: "elsewhere.example.com" } }, { database, administrator });
    for (const { data } of inputsOf(registered, "kubernetes:core/v1:ConfigMap")) {
      expect(data).toEqual({
        databaseHost: database.host,
        databaseSubnetGroup: "databases",
        databaseSecurityGroup: "sg-databases",
      });
    }
    expect(secretOf(registered, CLONE_SECRETS.jobStore.name)).toMatchObject({ host: database.host, port: "3306" });
    expect(secretOf(registered, CLONE_SECRETS.sharedDatabase.name)).toEqual({
      host: database.host,
      port: "3306",
      user: "clone_admin",
      password: "made",
    });
  });

  it("the jobs table may still stand elsewhere", async () => {
    const jobsDatabase = { host: "jobs.example.com", port: 3307 };
    const registered = await made({ service: { jobsDatabase } }, { database, administrator });
    expect(secretOf(registered, CLONE_SECRETS.jobStore.name)).toMatchObject({ host: "jobs.example.com", port: "3307" });
  });
});

describe("What the program makes for the clone service", () => {
  const { jobStore, redis, vault, sharedDatabase } = CLONE_SECRETS;
  const JOBS = { host: "jobs.example.com", port: 3307, name: "jobs" };
  const valuesOf = (registered: readonly Registration[], name: string) =>
    revealed(secretsIn(registered).find(({ metadata }) => metadata.name === name)?.stringData);

  it("is each Secret of the contract, with exactly its keys, in the service's namespace, sent as a secret", async () => {
    const registered = await made();
    for (const { name, data } of Object.values(CLONE_SECRETS)) {
      const found = secretsIn(registered).filter(({ metadata }) => metadata.name === name);
      expect(found.map(({ metadata }) => metadata.namespace)).toEqual([CLONE_SERVICE_NAMESPACE]);
      expect(Object.keys(valuesOf(registered, name)).sort()).toEqual(Object.keys(data).sort());
    }
  });

  it("[CLONE-05] is told where the jobs table is: on the shared database, or where the stack says", async () => {
    const at = async (service: object) => valuesOf(await made({ service }), jobStore.name);
    expect(await at({})).toMatchObject({ host: "mysql.databases.svc.cluster.local", port: "3306", name: "clone_jobs" });
    expect(await at({ jobsDatabase: JOBS })).toMatchObject({ ...JOBS, port: "3307", user: "job_store" });
  });

  it("has passwords of its own for the jobs table and for Redis", async () => {
    const registered = await made();
    const passwords = [jobStore, redis].map(({ name }) => valuesOf(registered, name).password as string);
    expect(new Set(passwords).size).toBe(2);
    expect(passwords).toEqual(passwords.map(() => expect.stringMatching(/^made for clones-credentials-/)));
  });

  it("seals with keys of 32 bytes, of which a rotation puts one more in front", async () => {
    const keys = async (rotation: Record<string, string>) => valuesOf(await made({}, { rotation }), vault.name);
    const [before, after] = [await keys({}), await keys({ [vault.name]: "2" })];
    const first = "1:bytes for clones-credentials-clone-vault-keys-1";
    expect(before.keys).toBe(first);
    expect(after.keys).toBe(`2:bytes for clones-credentials-clone-vault-keys-2,${first}`);
    expect(after.webhooks).toBe(before.webhooks);
    const bytes = inputsOf(await made(), "random:index/randomBytes:RandomBytes");
    expect(bytes).toEqual([{ length: 32 }, { length: 32 }]);
  });

  it("takes the administrator of the shared database from whoever made that", async () => {
    const administrator = { user: "root", password: pulumi.secret("given") };
    const registered = await made({ sharedDatabase: { host: "mysql.example.com" } }, { administrator });
    expect(valuesOf(registered, sharedDatabase.name)).toEqual({
      host: "mysql.example.com",
      port: "3306",
      user: "root",
      password: "given",
    });
  });

  it("takes it from the configuration otherwise, and makes a password where that has none", async () => {
    expect(valuesOf(await made(), sharedDatabase.name)).toMatchObject({
      user: "clone_admin",
      password: "made for clones-shared-database-password",
    });
    pulumi.runtime.setAllConfig({ "clones:sharedDatabaseUser": "ops", "clones:sharedDatabasePassword": "hunter2" });
    try {
      const registered = await made();
      expect(valuesOf(registered, sharedDatabase.name)).toMatchObject({ user: "ops", password: "hunter2" });
      expect(registered.map(({ name }) => name)).not.toContain("clones-shared-database-password");
    } finally {
      pulumi.runtime.setAllConfig({});
    }
  });

  it("gives a hash of what it made, and none of what people chose, which could be found by trying", async () => {
    let names: string[] = [];
    await register(() => {
      const providers = { kubernetes: new k8s.Provider("cluster", {}), random: new random.Provider("random", {}) };
      const { hashes } = createCloneData({ settings: clonesSettings(), rotation: {} }, { providers });
      names = Object.keys(hashes);
    }, makes);
    expect(names.sort()).toEqual([redis.name, vault.name, jobStore.name].sort());
  });
});

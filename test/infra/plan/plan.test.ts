import { CLONE_NAMESPACES, CREDENTIALS_HASH_ANNOTATION, LOOMWORKS_SECRETS } from "../../../constructs/contract";
import { STACKS } from "../../../constructs/settings";
import { Plan, PlannedResource, SECRET, UNKNOWN } from "../../../infra/plan/model";
import { planStack } from "../../../infra/plan/plan";
import { renderPlan } from "../../../infra/plan/render";
import { WAVES } from "../../../infra/waves";
import { documentsOf, REPOSITORY } from "../../support/pulumi-project";

const WAVE_NAMES = Object.keys(WAVES);

describe.each(STACKS)("The plan of %s", (stack) => {
  let plan: Plan;
  let parts: PlannedResource[];
  const childrenOf = (name: string) => {
    const urn = plan.resources.find((resource) => resource.name === name && !resource.custom)?.urn;
    return plan.resources.filter(({ parent }) => parent === urn);
  };
  const objects = () => WAVE_NAMES.flatMap(childrenOf);

  beforeAll(async () => {
    plan = await planStack(stack, REPOSITORY, "local");
    parts = plan.resources.filter(({ parent }) => parent === plan.resources[0]!.urn);
  });

  it("[PLAT-10] has two providers, the waves, and the credentials between them", () => {
    expect(plan.resources[0]!.type).toBe("pulumi:pulumi:Stack");
    const wave = (name: string) => [name, "loomworks:manifests:Wave"];
    expect(new Map(parts.map(({ name, type }) => [name, type]))).toEqual(
      new Map([
        ["random", "pulumi:providers:random"],
        ["cluster", "pulumi:providers:kubernetes"],
        ["credentials", "loomworks:data:Credentials"],
        ["clones-credentials", "loomworks:data:Credentials"],
        ["clones-shared-database-password", "random:index/randomPassword:RandomPassword"],
        ...Object.values(CLONE_NAMESPACES).flatMap((namespace): [string, string][] => [
          [`${namespace}-credentials`, "loomworks:data:Credentials"],
          [`${namespace}-platform`, "loomworks:data:ClonePlatform"],
        ]),
        ...WAVE_NAMES.map((name) => wave(name) as [string, string]),
      ]),
    );
  });

  it("[PLAT-11] applies every object of dist, whole, and no other", () => {
    const expected = documentsOf(stack).map((document) => ({ [`${document.apiVersion} ${document.kind}`]: document }));
    const registered = objects().map(({ inputs }) => ({
      [`${String(inputs.apiVersion)} ${String(inputs.kind)}`]: reviewed(inputs),
    }));
    expect(registered).toHaveLength(expected.length);
    expect(registered).toEqual(expect.arrayContaining(expected));
  });

  it("[PLAT-11] gives each object the type of its kind, which the provider knows it by", () => {
    for (const { type, inputs } of objects()) {
      const version = String(inputs.apiVersion);
      expect(type).toBe(`kubernetes:${version.includes("/") ? version : `core/${version}`}:${String(inputs.kind)}`);
    }
  });

  it("makes nothing by a provider that Pulumi would choose itself", () => {
    const own = parts.filter(({ type }) => type.startsWith("pulumi:providers:")).map(({ urn }) => urn);
    const made = plan.resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:providers:"));
    expect(made.length).toBeGreaterThan(50);
    for (const { provider, type } of made) {
      expect(own).toContain(provider);
      expect(provider).toContain(`pulumi:providers:${type.split(":")[0]!}::`);
    }
  });

  it("begins a wave when all of the one before is ready, and the credentials after their namespace", () => {
    const order = ["namespaces", "credentials", ...WAVE_NAMES.slice(1)];
    order.slice(1).forEach((name, index) => {
      const before = childrenOf(order[index]!).filter(({ type }) => type.startsWith("kubernetes:"));
      const after = childrenOf(name).filter(({ type }) => type.startsWith("kubernetes:"));
      expect(before.length).toBeGreaterThan(0);
      for (const { dependsOn } of after)
        expect(dependsOn).toEqual(expect.arrayContaining(before.map(({ urn }) => urn)));
    });
  });

  it("[LOOM-06] makes the Secrets of the contract, each with a password of its own, and shows none", () => {
    const secrets = childrenOf("credentials").filter(({ type }) => type === "kubernetes:core/v1:Secret");
    expect(secrets.map(({ inputs }) => (inputs.metadata as any).name).sort()).toEqual(
      Object.values(LOOMWORKS_SECRETS)
        .map(({ name }) => name as string)
        .sort(),
    );
    for (const { inputs, secretPaths } of secrets) {
      expect(inputs.stringData).toBe(SECRET);
      expect(secretPaths).toEqual(["stringData"]);
    }
    const passwords = childrenOf("credentials").filter(({ type }) => type.endsWith(":RandomPassword"));
    expect(passwords.map(({ inputs }) => inputs)).toEqual(passwords.map(() => ({ length: 32, special: false })));
    expect(passwords).toHaveLength(secrets.length);
  });

  it("[LOOM-07] rolls pods by a hash of the credentials in their environment, which only a run knows; PostgreSQL reads files", () => {
    const rolled = objects().filter(({ inputs }) => hashOf(inputs) !== undefined);
    const names = rolled.map(({ type, name }) => `${type.split(":")[2]!} ${name.replace(/-[0-9a-f]{8}$/, "")}`);
    expect(names.sort()).toEqual([
      "Deployment clones/clone-service",
      "Deployment clones/clone-worker",
      "Deployment loomworks/odoo",
      "Deployment loomworks/odoo-cron",
      "Job clones/clone-schema",
      "Job loomworks/odoo-migrate",
      "StatefulSet clones/clone-redis",
    ]);
    expect(rolled.map(({ inputs }) => hashOf(inputs))).toEqual(rolled.map(() => UNKNOWN));
  });

  it("shows no kubeconfig", () => {
    const cluster = parts.find(({ name }) => name === "cluster")!;
    expect(cluster.inputs).toMatchObject({ kubeconfig: SECRET, clusterIdentifier: UNKNOWN });
  });

  it("is the same text each time, also when two are asked for at once", async () => {
    const [again, , third] = await Promise.all([
      planStack(stack, REPOSITORY, "local"),
      planStack("staging", REPOSITORY, "local"),
      planStack(stack, REPOSITORY, "local"),
    ]);
    expect(renderPlan(again)).toBe(renderPlan(plan));
    expect(JSON.stringify(third)).toBe(JSON.stringify(plan));
  });

  it("is shown as a tree with counts that add up, and says that nobody was asked", () => {
    const text = renderPlan(plan, { depth: Infinity });
    const count = plan.resources.length - 1;
    expect(text).toContain(`loomworks-platform · ${stack}: ${count} resources\n`);
    expect(text).toMatch(
      /├─ data {2}loomworks:manifests:Wave {2}\d+ below\n(│ .*\n)*│ {2}├─ loomworks\/postgres {2}kubernetes:core\/v1:Service\n/,
    );
    for (const title of ["By type", "By part, in the order of their creation"]) {
      const [, rows] = new RegExp(`${title}:\\n((?:  .*\\n)+)`).exec(text)!;
      const counts = rows!
        .trimEnd()
        .split("\n")
        .map((row) => Number(/ (\d+)( {2}after .*)?$/.exec(row)![1]));
      expect(counts.reduce((sum, each) => sum + each)).toBe(count);
    }
    expect(text).toContain("Made offline: neither AWS nor a cluster was contacted, and no state was read.");
  });
});

describe("Protection", () => {
  it("keeps production's namespace, volumes and keys from deletion, and leaves staging free", async () => {
    const protectedIn = async (stack: "staging" | "production") =>
      (await planStack(stack, REPOSITORY, "local")).resources.filter(({ protect }) => protect).map(({ name }) => name);
    expect(await protectedIn("staging")).toEqual([]);
    expect((await protectedIn("production")).sort()).toEqual([
      "clones-credentials-clone-vault",
      "clones-credentials-clone-vault-keys-1",
      "clones-credentials-clone-vault-webhooks",
      "loomworks",
      "loomworks/odoo-filestore",
      "loomworks/postgres-backups",
      "loomworks/postgres-data",
      "loomworks/postgres-wal-archive",
      ...Object.values(CLONE_NAMESPACES)
        .flatMap((namespace) => [
          `${namespace}-credentials-clone-pepper`,
          `${namespace}-credentials-clone-pepper-pepper`,
        ])
        .sort(),
    ]);
  });
});

function hashOf(inputs: any): unknown {
  return inputs.spec?.template?.metadata?.annotations?.[CREDENTIALS_HASH_ANNOTATION];
}

/** An object less the two annotations that the program may add. */
function reviewed(inputs: any): any {
  const copy = structuredClone(inputs);
  const template = copy.spec?.template?.metadata;
  delete template?.annotations?.[CREDENTIALS_HASH_ANNOTATION];
  if (Object.keys(template?.annotations ?? { one: "" }).length === 0) delete template.annotations;
  delete copy.metadata.annotations?.["pulumi.com/skipAwait"];
  return copy;
}

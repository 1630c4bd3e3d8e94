import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { LOOMWORKS_SECRETS } from "../../../constructs/contract";
import type { Rotation } from "../../../infra/config";
import { Credentials } from "../../../infra/data/credentials";
import { register, Registration, revealed } from "../../support/pulumi-mocks";

const SECRETS = Object.values(LOOMWORKS_SECRETS);

/** Stands for what the provider would make, and would make anew when its keepers change. */
const passwordOf = (name: string) => `made-by-${name}`;

async function make(rotation: Rotation = {}, madeUp = passwordOf) {
  let credentials: Credentials | undefined;
  const registered = await register(
    () => {
      const providers = [new k8s.Provider("cluster", {}), new random.Provider("random")];
      credentials = new Credentials("credentials", { namespace: "tenant", secrets: SECRETS, rotation }, { providers });
    },
    (type, name) => {
      if (type.endsWith(":RandomString")) return { result: "x7k2m9qa" };
      return type.endsWith(":RandomPassword") ? { result: pulumi.secret(madeUp(name)) } : undefined;
    },
  );
  const hashes: Record<string, string> = {};
  const secretHashes: string[] = [];
  for (const [name, hash] of Object.entries(credentials!.hashes)) {
    hash.apply((text) => (hashes[name] = text));
    if (await pulumi.isSecret(hash)) secretHashes.push(name);
  }
  await new Promise(setImmediate);
  return { registered, hashes, secretHashes };
}

const only = (registered: Registration[], type: string) => registered.filter((resource) => resource.type === type);

describe("[LOOM-06] Credentials", () => {
  it("are one Secret for each of the contract, in the installation's namespace, with exactly its keys", async () => {
    const { registered } = await make();
    const made = only(registered, "kubernetes:core/v1:Secret").map(({ inputs }) => ({
      name: inputs.metadata.name,
      namespace: inputs.metadata.namespace,
      keys: Object.keys(revealed(inputs.stringData)).sort(),
    }));
    const expected = SECRETS.map(({ name, data }) => ({ name, namespace: "tenant", keys: Object.keys(data).sort() }));
    expect(made).toHaveLength(expected.length);
    expect(made).toEqual(expect.arrayContaining(expected));
  });

  it("hold the fixed texts of the contract, and for each password its own", async () => {
    const { registered } = await make();
    const values = only(registered, "kubernetes:core/v1:Secret").map(({ inputs }) => revealed(inputs.stringData));
    expect(values).toContainEqual({
      username: "odoo_x7k2m9qa",
      password: passwordOf("credentials-postgres-credentials-password"),
    });
    expect(new Set(values.map(({ password }) => password)).size).toBe(SECRETS.length);
  });

  it("are sent as secrets, so that no state, log or plan has them in clear", async () => {
    const { registered } = await make();
    const inClear = JSON.stringify(registered, (_key, value: unknown) =>
      revealed(value) === undefined ? value : "hidden",
    );
    expect(JSON.stringify(registered)).toContain("made-by-");
    expect(inClear).not.toContain("made-by-");
  });
});

describe("[LOOM-07] A rotation", () => {
  const NAME = LOOMWORKS_SECRETS.backup.name;

  it("changes the keeper of the Secret that it names, and no other", async () => {
    const keepers = (registered: Registration[]) =>
      Object.fromEntries(
        only(registered, "random:index/randomPassword:RandomPassword").map(({ name, inputs }) => [
          name,
          inputs.keepers,
        ]),
      );
    const before = keepers((await make()).registered);
    const after = keepers((await make({ [NAME]: "2026-11" })).registered);
    expect(Object.values(before)).toEqual(SECRETS.map(() => undefined));
    expect(after).toEqual({ ...before, [`credentials-${NAME}-password`]: { rotation: "2026-11" } });
  });

  it("makes another login with Odoo's password, so that both of before work on", async () => {
    const { registered } = await make({ [LOOMWORKS_SECRETS.odoo.name]: "2" });
    const [login] = only(registered, "random:index/randomString:RandomString");
    expect(login).toMatchObject({
      name: "credentials-postgres-credentials-username",
      inputs: { special: false, upper: false, keepers: { rotation: "2" } },
    });
  });

  it("shows in the hash of that Secret, which is open and gives nothing away", async () => {
    const before = await make();
    const after = await make({}, (name) => (name.includes(NAME) ? "another" : passwordOf(name)));
    const changed = Object.keys(before.hashes).filter((name) => before.hashes[name] !== after.hashes[name]);
    expect(changed).toEqual([NAME]);
    expect(before.secretHashes).toEqual([]);
    for (const hash of Object.values(before.hashes)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

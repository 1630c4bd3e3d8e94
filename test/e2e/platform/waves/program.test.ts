import { REPOSITORY } from "../../../support/pulumi-project";
import { objectsOfProgram, Registered } from "./program";
import { RandomValues } from "./random-values";

describe("The objects of the program", () => {
  const values = new RandomValues();
  let registered: Registered[];

  beforeAll(async () => {
    registered = await objectsOfProgram("staging", REPOSITORY, values);
  }, 60_000);

  const wave = (name: string) => registered.filter((part) => part.wave === name);

  it("[PLAT-11] wait for every object of the wave before theirs, which comes before them", () => {
    const waves = ["namespaces", "rules", "data", "apps", "access"];
    for (const [index, name] of waves.slice(1).entries()) {
      // Between namespaces and rules stand the Secrets, which wait for the former and are waited for by the latter.
      const before = name === "rules" ? wave("credentials") : wave(waves[index]!);
      expect(before.length).toBeGreaterThan(0);
      for (const { dependsOn } of wave(name)) {
        expect(before.filter(({ urn }) => !dependsOn.includes(urn))).toEqual([]);
      }
      expect(registered.indexOf(before.at(-1)!)).toBeLessThan(registered.indexOf(wave(name)[0]!));
    }
  });

  it("[LOOM-06] have their made values in Secrets alone", () => {
    const made = Object.values(values.all).flatMap(({ state }) => Object.values(state));
    expect(made.length).toBeGreaterThan(10);
    const others = JSON.stringify(registered.filter(({ object }) => object.kind !== "Secret"));
    expect(made.filter((value) => others.includes(value))).toEqual([]);
    const secrets = registered.flatMap(({ object }) => (object.kind === "Secret" ? Object.values(object.data) : []));
    const told = secrets.map((encoded) => Buffer.from(String(encoded), "base64").toString()).join("\n");
    const passwords = Object.entries(values.all).filter(([key]) => key.endsWith("-password"));
    expect(passwords.filter(([, { state }]) => !told.includes(state.result!))).toEqual([]);
  });

  it("[LOOM-07] are the same by the same values", async () => {
    const again = await objectsOfProgram("staging", REPOSITORY, new RandomValues(values.all));
    const byUrn = (parts: readonly Registered[]) => Object.fromEntries(parts.map((part) => [part.urn, part.object]));
    expect(byUrn(again)).toEqual(byUrn(registered));
  }, 60_000);
});

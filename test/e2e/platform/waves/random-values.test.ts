import { RandomValues } from "./random-values";

const PASSWORD = "random:index/randomPassword:RandomPassword";
const STRING = "random:index/randomString:RandomString";
const BYTES = "random:index/randomBytes:RandomBytes";

describe("Random values", () => {
  it("[LOOM-06] are as long as was asked for, of letters and digits", () => {
    const values = new RandomValues();
    expect(values.of(PASSWORD, "a", { length: 32, special: false }).result).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(values.of(STRING, "b", { length: 8, special: false, upper: false }).result).toMatch(/^[a-z0-9]{8}$/);
    expect(Buffer.from(values.of(BYTES, "c", { length: 32 }).base64!, "base64")).toHaveLength(32);
  });

  it("stay from run to run, until what they are made from changes", () => {
    const inputs = { length: 32, special: false };
    const first = new RandomValues();
    const before = first.of(PASSWORD, "a", inputs);
    const second = new RandomValues(JSON.parse(JSON.stringify(first.all)));
    expect(second.of(PASSWORD, "a", inputs)).toEqual(before);
    const rotated = second.of(PASSWORD, "a", { ...inputs, keepers: { rotation: "2" } });
    expect(rotated).not.toEqual(before);
    expect(second.of(PASSWORD, "b", inputs)).not.toEqual(before);
  });

  it("of a type that only a provider makes are refused by name", () => {
    expect(() => new RandomValues().of("random:index/randomPet:RandomPet", "pet", {})).toThrow(
      /^E2E_RESOURCE pet: got "random:index\/randomPet:RandomPet"; only a provider of Pulumi makes it\./,
    );
  });
});

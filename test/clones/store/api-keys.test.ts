import { openStore, Store } from "../../../clones/store/open";
import { FakeClock } from "../fake-clock";

const SECOND = 1_000;

describe("API keys in a process", () => {
  let clock: FakeClock;
  let here: Store;
  beforeEach(async () => {
    clock = new FakeClock("2026-03-01T12:00:00Z");
    here = openStore("sqlite::memory:", { clock });
    await here.migrate();
  });
  afterEach(() => here.close());

  const create = (expiresAt?: Date) =>
    here.apiKeys.create({ tenantId: "acme", name: "CI", scopes: ["clones:read"], expiresAt });

  it("let in nobody from the moment on at which they expire", async () => {
    const { text } = await create(new Date("2026-03-01T12:00:03Z"));
    await clock.step(2_999);
    expect(await here.apiKeys.authenticate(text)).toBeDefined();
    await clock.step(1);
    expect(await here.apiKeys.authenticate(text)).toBeUndefined();
  });

  it("are read once in five seconds, however many ask, and then again", async () => {
    const { text } = await create();
    await Promise.all(Array.from({ length: 50 }, () => here.apiKeys.authenticate(text)));
    await here.close();
    await clock.step(5 * SECOND - 1);
    expect(await here.apiKeys.authenticate(text)).toBeDefined();
    await clock.step(1);
    await expect(here.apiKeys.authenticate(text)).rejects.toThrow();
  });

  it("that weren't there a moment ago work as soon as they are", async () => {
    const ids = [1, 2].map((number) => Uint8Array.from({ length: 8 }, () => number));
    const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
    const bytes = [ids[0]!, secret, ids[1]!, secret];
    const other = openStore("sqlite::memory:", { clock, randomBytes: () => bytes.shift()! });
    await other.migrate();
    const known = `lw_0202020202020202_${Buffer.from(secret).toString("base64url")}`;
    await other.apiKeys.create({ tenantId: "acme", name: "one", scopes: ["admin"] });
    expect(await other.apiKeys.authenticate(known)).toBeUndefined();
    const { text } = await other.apiKeys.create({ tenantId: "acme", name: "two", scopes: ["admin"] });
    expect(text).toBe(known);
    expect(await other.apiKeys.authenticate(known)).toBeDefined();
    await other.close();
  });
});

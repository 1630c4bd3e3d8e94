/** Who is let in by which key. */
import type { NewApiKey } from "../../../../clones/store/api-keys";
import { benchOf, StoreUnderTest } from "./store-bench";

export function keyBehaviour(open: () => StoreUnderTest): void {
  const { store, sql } = benchOf(open);
  const create = (more: Partial<NewApiKey> = {}) =>
    store().apiKeys.create({ tenantId: "acme", name: "CI", scopes: ["clones:read"], ...more });

  describe("API keys", () => {
    it("let in whoever has the text, with tenant, scopes and rate", async () => {
      const { text, keyId } = await create({ scopes: ["restore", "clones:write"], ratePerMinute: 30 });
      expect(text).toMatch(/^lw_[0-9a-f]{16}_[\w-]{43}$/);
      expect(await store().apiKeys.authenticate(text)).toEqual({
        keyId,
        tenantId: "acme",
        scopes: ["clones:write", "restore"],
        ratePerMinute: 30,
      });
    });

    it("are in the table as hashes alone", async () => {
      const { text, keyId } = await create();
      const dump = JSON.stringify(await sql(`SELECT * FROM api_keys WHERE key_id = '${keyId}'`));
      expect(dump).toContain(keyId);
      expect(dump).not.toContain(text.split("_").slice(2).join("_"));
      expect(JSON.stringify(await store().apiKeys.list())).not.toMatch(/hash|[0-9a-f]{64}/);
    });

    it("let in nobody whose text differs in any character", async () => {
      const { text } = await create();
      for (let index = 0; index < text.length; index += 1) {
        const other = text[index] === "a" ? "b" : "a";
        const changed = text.slice(0, index) + other + text.slice(index + 1);
        expect(await store().apiKeys.authenticate(changed)).toBeUndefined();
      }
      for (const wrong of ["", `${text}x`, text.slice(0, -1), ` ${text}`, `${text}\n`, text.toUpperCase(), "lw__"]) {
        expect(await store().apiKeys.authenticate(wrong)).toBeUndefined();
      }
      expect(await store().apiKeys.authenticate(text)).toBeDefined();
    });

    it("that are revoked let in nobody any more, at once", async () => {
      const { text, keyId } = await create();
      expect(await store().apiKeys.authenticate(text)).toBeDefined();
      expect(await store().apiKeys.revoke(keyId)).toBe(true);
      expect(await store().apiKeys.authenticate(text)).toBeUndefined();
      expect(await store().apiKeys.revoke(keyId)).toBe(false);
      expect(await store().apiKeys.revoke("none")).toBe(false);
    });

    it("are listed by tenant, with what became of them", async () => {
      const expiresAt = new Date(Math.trunc(Date.now() / 1000) * 1000 + 86_400_000);
      const one = await create({ tenantId: "lister", name: "Größe 🎉", expiresAt });
      const two = await create({ tenantId: "lister" });
      await store().apiKeys.revoke(two.keyId);
      const listed = await store().apiKeys.list("lister");
      expect(listed.map(({ keyId }) => keyId).sort()).toEqual([one.keyId, two.keyId].sort());
      expect(listed.find(({ keyId }) => keyId === one.keyId)).toMatchObject({ name: "Größe 🎉", expiresAt });
      expect(listed.find(({ keyId }) => keyId === two.keyId)!.revokedAt).toBeInstanceOf(Date);
      expect(await store().apiKeys.list("nobody")).toEqual([]);
    });

    it.each<[string, Partial<NewApiKey>]>([
      ["tenantId", { tenantId: "Acme GmbH" }],
      ["name", { name: " " }],
      ["name", { name: "x".repeat(101) }],
      ["scopes", { scopes: [] }],
      ["scopes", { scopes: ["root" as "admin"] }],
      ["expiresAt", { expiresAt: new Date(0) }],
      ["expiresAt", { expiresAt: new Date(Number.NaN) }],
      ["ratePerMinute", { ratePerMinute: 0 }],
      ["ratePerMinute", { ratePerMinute: 1.5 }],
    ])("aren't made with a wrong %s", async (path, wrong) => {
      await expect(create(wrong)).rejects.toMatchObject({ problems: [{ code: "API_KEY_INVALID", path }] });
    });
  });
}

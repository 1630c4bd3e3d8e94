import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { InvalidInputError } from "../../../constructs/shared/problems";
import { Vault } from "../../../clones/secrets/vault";

const key = () => randomBytes(32).toString("base64");
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CONTEXT = "job-1:request";
const thrownBy = (work: () => unknown): InvalidInputError => {
  try {
    work();
  } catch (error) {
    return error as InvalidInputError;
  }
  throw new Error("nothing was thrown");
};

describe("the vault", () => {
  const old = `2026a:${key()}`;
  const vault = Vault.fromText(`2026b:${key()},${old}`);
  const unsealable = expect.objectContaining({ code: "VAULT_UNSEALABLE", status: 500 });

  it("opens what it sealed, whatever it is and belongs to", () => {
    const text = fc.string({ unit: "binary", maxLength: 500 });
    fc.assert(
      fc.property(text, text, (plaintext, context) => {
        expect(vault.open(vault.seal(plaintext, context), context)).toBe(plaintext);
      }),
    );
  });

  it("opens it for nothing else", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (plaintext, context, other) => {
        fc.pre(context !== other);
        const sealed = vault.seal(plaintext, context);
        expect(thrownBy(() => vault.open(sealed, other))).toEqual(unsealable);
      }),
    );
  });

  it("seals the same text differently each time, and shows nothing of it", () => {
    const sealed = Array.from({ length: 100 }, () => vault.seal("hunter2", CONTEXT));
    expect(new Set(sealed).size).toBe(100);
    expect(sealed[0]).toMatch(/^v1\.2026b\.[\w-]{16}\.[\w-]{22}\.[\w-]{10}$/);
    expect(sealed.join()).not.toContain("hunter2");
  });

  it("notices a change of any character, and any character too many or too few", () => {
    const sealed = vault.seal("a password of some length", CONTEXT);
    for (let index = 0; index < sealed.length; index += 1) {
      const before = sealed.slice(0, index);
      const after = sealed.slice(index + 1);
      const others = Array.from(ALPHABET).filter((character) => character !== sealed[index]);
      for (const other of [...others, ".", "=", " ", "é", ""]) {
        if (other === sealed[index]) continue;
        expect(thrownBy(() => vault.open(`${before}${other}${after}`, CONTEXT))).toEqual(unsealable);
      }
      expect(thrownBy(() => vault.open(`${before}A${sealed.slice(index)}`, CONTEXT))).toEqual(unsealable);
    }
    expect(vault.open(sealed, CONTEXT)).toBe("a password of some length");
  });

  it("takes no text that isn't one of its own", () => {
    const strange = ["", "v1", "v1....", "v2.2026b.a.b.c", "hunter2", `${vault.seal("x", CONTEXT)}.`, "v1.x.y.z"];
    for (const text of strange) expect(thrownBy(() => vault.open(text, CONTEXT))).toEqual(unsealable);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(thrownBy(() => vault.open(text, ""))).toEqual(unsealable);
      }),
    );
  });

  it("says nothing of the secret nor of the key when it can't open", () => {
    const sealed = vault.seal("hunter2", CONTEXT);
    const { message } = thrownBy(() => vault.open(sealed, "other"));
    expect(message).toMatch(/^VAULT_UNSEALABLE vault: got "2026b"/);
    expect(message).not.toContain(sealed.split(".")[4]);
  });

  describe("with a new key before the old one", () => {
    const before = Vault.fromText(old);
    const after = Vault.fromText(old.replace("2026a", "2026c").replace(/:.*/, `:${key()}`));

    it("opens what the old one sealed, and seals with the new one", () => {
      const sealed = before.seal("hunter2", CONTEXT);
      expect(Vault.keyIdOf(sealed)).toBe("2026a");
      expect(vault.open(sealed, CONTEXT)).toBe("hunter2");
      expect(vault.keyId).toBe("2026b");
    });

    it("opens nothing that has another id put on it", () => {
      const text = `${old},2026x:${old.slice(6)}`;
      const twins = Vault.fromText(text);
      const sealed = twins.seal("hunter2", CONTEXT);
      expect(thrownBy(() => twins.open(sealed.replace(".2026a.", ".2026x."), CONTEXT))).toEqual(unsealable);
      expect(thrownBy(() => after.open(sealed, CONTEXT))).toEqual(unsealable);
    });

    it("knows no key of what is no sealed text", () => {
      expect(Vault.keyIdOf("hunter2.a.b")).toBeUndefined();
    });
  });

  it.each([
    ["nothing", "", "it isn't <id>:<base64>"],
    ["a comma too many", `a:${key()},`, "it isn't <id>:<base64>"],
    ["a third part", `a:${key()}:b`, "it isn't <id>:<base64>"],
    ["a capital", `A.b:${key()}`, "its id isn't made"],
    ["a long id", `${"a".repeat(33)}:${key()}`, "its id isn't made"],
    ["an id twice", `a:${key()},a:${key()}`, "stands there twice"],
    ["no base64", `a:${key().slice(0, 30)}!${key()}`, "is no base64"],
    ["a short key", `a:${randomBytes(31).toString("base64")}`, "has 31 bytes, not 32"],
    ["a long key", `a:${randomBytes(33).toString("base64")}`, "has 33 bytes, not 32"],
    ["no key at all", `a:${Buffer.alloc(32).toString("base64")}`, "one byte again and again"],
  ])("refuses %s, and shows no key", (_, text, reason) => {
    const { message, problems } = thrownBy(() => Vault.fromText(text));
    expect(problems[0]!.code).toBe("VAULT_KEYS");
    expect(message).toContain(reason);
    for (const encoded of text.matchAll(/:([^,:]{8,})/g)) expect(message).not.toContain(encoded[1]!.slice(0, 8));
  });

  it("tells every wrong key at once, and takes base64url and spaces after commas", () => {
    expect(thrownBy(() => Vault.fromText("a,b,c")).problems).toHaveLength(3);
    const text = `a:${randomBytes(32).toString("base64url")}, b:${key()}`;
    expect(Vault.fromText(text).keyId).toBe("a");
  });
});

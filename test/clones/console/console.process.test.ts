import { playInBrowser } from "./act";
import { NARROW, WIDE } from "./browser";

/** File of the picture that the documents show. @default none is written */
const { CONSOLE_PICTURE: picture } = process.env;

playInBrowser("The console in a browser", (act) => {
  it("[CLONE-03] lets nobody in without a key that is one, and says so at its field", async () => {
    await act.arrive();
    expect(await act.visitor.focused()).toBe("API key");
    await act.visitor.fill("API key", "nonsense with spaces");
    await act.visitor.press("Log in");
    await act.visitor.sees("That is no API key. Paste the whole of it", ".error");
    await act.visitor.fill("API key", `lw_0123456789abcdef_${"a".repeat(43)}`);
    await act.visitor.press("Log in");
    await act.visitor.sees("There is no such key, or it has ended.", ".error");
    await act.visitor.page.waitForSelector("#key[aria-invalid][aria-describedby]");
    await act.look("login-refused");
    expect(await act.visitor.page.evaluate("sessionStorage.length + localStorage.length")).toBe(0);
  });

  it("[CLONE-03] keeps the key in this tab alone, until it logs out", async () => {
    const { text: key } = await act.enter();
    await act.visitor.sees("No clone lives now");
    await act.look("empty");
    await act.visitor.page.reload();
    await act.visitor.sees("No clone lives now");
    expect(await act.visitor.page.evaluate("location.href + document.cookie + localStorage.length")).toBe(
      `${act.stage.url}/0`,
    );
    expect(await act.visitor.page.evaluate("document.documentElement.outerHTML")).not.toContain(key);
    await act.visitor.press("Log out");
    await act.visitor.sees("With an API key of your tenant");
    expect(await act.visitor.page.evaluate("sessionStorage.length")).toBe(0);
  });

  it("[CLONE-03] shows a tenant nothing of another one's", async () => {
    await act.stage.clone(act.tenant(), "private-matter");
    const own = await act.stage.key(act.tenant());
    const others = await act.stage.key(`${act.tenant()}-other`);
    await act.arrive();
    await act.visitor.logIn(own.text);
    await act.visitor.sees("private-matter");
    await act.visitor.press("Log out");
    expect(await act.visitor.page.evaluate("document.documentElement.outerHTML")).not.toContain("private-matter");
    await act.visitor.logIn(others.text);
    await act.visitor.sees("No clone lives now");
    expect(await act.visitor.page.evaluate("document.documentElement.outerHTML")).not.toContain("private-matter");
  });

  it("[CLONE-03] says what a key may not do, and ends with the key", async () => {
    await act.stage.clone(act.tenant(), "untouchable");
    const { text, keyId } = await act.stage.key(act.tenant(), ["clones:read"]);
    await act.arrive();
    await act.visitor.logIn(text);
    await act.visitor.press("Delete the clone of untouchable");
    await act.visitor.page.locator("#delete [type=submit]").click();
    await act.visitor.sees("The key lacks the scope clones:write", "#delete .problem");
    await act.stage.revoke(keyId);
    await act.visitor.sees("There is no such key, or it has ended.", "#login");
    expect(
      await act.visitor.page.evaluate("sessionStorage.length + document.querySelectorAll('dialog[open]').length"),
    ).toBe(0);
  });

  it("[CLONE-02] goes on by asking where streams don't come through, and by itself after the service was away", async () => {
    act.stage.sites.isSlow = true;
    await act.enter(async (page) => {
      await page.setRequestInterception(true);
      page.on("request", (request) => {
        void (request.url().endsWith("/events") ? request.abort() : request.continue());
      });
    });
    await act.askFor("behind-a-proxy");
    await act.visitor.sees("Copying tables", "#jobs");
    act.stage.sites.go();
    await act.visitor.sees("Done", "#jobs");
    await act.visitor.page.setOfflineMode(true);
    await act.visitor.sees("The service doesn't answer", "#contact");
    await act.look("away");
    expect(await act.visitor.barriers()).toEqual([]);
    await act.visitor.page.setOfflineMode(false);
    await act.visitor.page.waitForSelector("#contact", { hidden: true });
  });

  it("can be used by the keyboard alone, from logging in to deleting", async () => {
    const { text } = await act.stage.key(act.tenant());
    await act.arrive();
    const { keyboard } = act.visitor.page;
    await keyboard.type(text);
    await keyboard.press("Enter");
    await act.visitor.sees("No clone lives now");
    await act.visitor.tabTo("New clone");
    await keyboard.press("Enter");
    expect(await act.visitor.focused()).toBe("Site to copy");
    await keyboard.type("https://shop.example.com");
    await act.visitor.tabTo("Customer");
    await keyboard.type("by-keys");
    await act.visitor.tabTo("Anonymise users and customers");
    await keyboard.press("Space");
    await keyboard.press("Enter");
    await act.visitor.sees("by-keys.clones.example.com", "#clones");
    await act.visitor.tabTo("Extend the clone of by-keys");
    await keyboard.press("Enter");
    await keyboard.type("2");
    await keyboard.press("Escape");
    expect(await act.visitor.focused()).toBe("Extend the clone of by-keys");
    await act.visitor.tabTo("Delete the clone of by-keys");
    await keyboard.press("Enter");
    await keyboard.press("Tab");
    expect(await act.visitor.focused()).toMatch(/^Delete clone-/);
    await keyboard.press("Enter");
    await act.visitor.sees("No clone lives now");
    // Whoever was there isn't thrown back to the top of the page.
    expect(await act.visitor.page.evaluate("document.activeElement !== document.body")).toBe(true);
    expect(act.visitor.requests.some(({ url }) => url.endsWith("/api/v2/clone"))).toBe(true);
  });

  it.each(["light", "dark"])(
    "is without barriers and fits 360 pixels, %s",
    async (scheme) => {
      await act.stage.clone(act.tenant(), "a-customer-with-a-name-of-forty-letters");
      await act.stage.clone(act.tenant(), "broken", { ready: false, message: "Waiting for its database: 40 s" });
      await act.stage.clone(act.tenant(), "soon-over", { expiresAt: new Date(Date.now() + 200_000) });
      await act.enter((page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]));
      await act.askFor("done-already");
      await act.visitor.sees("Done", "#jobs");
      for (const [name, size] of Object.entries({ wide: WIDE, narrow: NARROW })) {
        await act.visitor.page.setViewport(size);
        await act.visitor.sees("a-customer-with-a-name-of-forty-letters");
        await act.look(`list-${scheme}-${name}`);
        expect([name, await act.visitor.overflow(), await act.visitor.barriers()]).toEqual([name, 0, []]);
      }
      await act.visitor.press("New clone");
      await act.look(`create-${scheme}-narrow`);
      expect([await act.visitor.overflow(), await act.visitor.barriers()]).toEqual([0, []]);
      await act.visitor.page.keyboard.press("Escape");
      await act.visitor.press("Log out");
      await act.look(`login-${scheme}-narrow`);
      expect([await act.visitor.overflow(), await act.visitor.barriers()]).toEqual([0, []]);
    },
    60_000,
  );

  it("[CLONE-03] shows what is being made beside what is there, as in the documents' picture", async () => {
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await act.stage.clone(act.tenant(), "bakery-anders", { createdAt: ago(900), expiresAt: ago(-1980) });
    await act.enter();
    await act.askFor("acme-shop");
    await act.visitor.sees("Done", "#jobs");
    for (const [id, clone] of act.stage.backend.clones) {
      const old = { createdAt: ago(26), expiresAt: ago(-4.1) };
      if (clone.customerId === "acme-shop") act.stage.backend.clones.set(id, { ...clone, ...old });
    }
    act.stage.sites.isSlow = true;
    await act.askFor("museum-north", "https://museum.example.com");
    await act.visitor.sees("Copying tables", "#jobs");
    await act.visitor.opens("Steps");
    await act.visitor.page.waitForFunction('document.querySelector("#notice").textContent === ""');
    await act.visitor.page.evaluate("document.activeElement.blur()");
    await act.visitor.page.setViewport({ width: 1200, height: 720 });
    const taken = await act.visitor.page.screenshot(picture === undefined ? {} : { path: picture });
    expect(taken.length).toBeGreaterThan(10_000);
    act.stage.sites.go();
    await act.visitor.sees("museum-north.clones.example.com");
  });
});

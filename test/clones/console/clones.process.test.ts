import { playInBrowser } from "./act";
import { PASSWORD } from "./stage";

playInBrowser("Clones and jobs in the console", (act) => {
  it("[CLONE-01] says at each field what is wrong with a request, in the API's words", async () => {
    await act.enter();
    await act.askFor("Not A Host", "ftp://shop.example.com");
    await act.visitor.sees(
      "It is no URL of http or https. Give it as https://example.com.",
      '[data-path="source_url"]',
    );
    await act.visitor.sees("Lower-case letters, digits and hyphens, 40 at most.", '[data-path="customer_id"] .error');
    expect(await act.visitor.focused()).toBe("Site to copy");
    await act.look("create-refused");
    expect(await act.visitor.barriers()).toEqual([]);
    await act.visitor.fill("Site to copy", "https://shop.example.com");
    await act.visitor.fill("Customer", "shop");
    await act.visitor.fill("Administrator", "admin");
    await act.visitor.press("Make the clone");
    await act.visitor.sees("A name and a password belong together. Give both.", '[data-path="source_password"]');
    expect(await act.visitor.page.$('[data-path="source_url"] .error')).toBeNull();
  });

  it("[CLONE-02] shows a clone being made, step by step as it happens, and then how to get in", async () => {
    act.stage.sites.isSlow = true;
    await act.enter();
    await act.askFor("acme-shop");
    await act.visitor.sees("Copying tables: 5 of 12, 3.2 MB", "#jobs");
    expect(await act.visitor.text("#jobs h3")).toBe("Clone of acme-shop");
    expect(await act.visitor.page.$eval("#jobs progress", (bar: any) => bar.value)).toBeGreaterThan(40);
    await act.visitor.opens("Steps");
    await act.visitor.sees("Checking that the source can be reached and read", ".log");
    await act.visitor.sees("Being made", "#clones");
    await act.look("progress");
    // Longer than one stream of this stage lasts.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    act.stage.sites.go();
    await act.visitor.sees("Done", "#jobs");
    await act.visitor.sees("The clone serves", ".log");
    const lines = (await act.visitor.page.$$eval(".log li span:nth-child(2)", (found: any) =>
      found.map((line: any) => line.innerText),
    )) as string[];
    expect(lines).toEqual([...new Set(lines)]);
    expect(act.visitor.requests.some(({ headers }) => Number(headers["last-event-id"]) > 0)).toBe(true);
    await act.visitor.sees("acme-shop.clones.example.com", "#clones");
    await act.visitor.opens("How to get in");
    await act.visitor.sees("admin", ".access dl");
    expect(await act.visitor.text(".access")).not.toContain(PASSWORD);
    await act.visitor.press("Show the password");
    await act.visitor.sees(PASSWORD, ".access");
    await act.visitor.press("Copy the password");
    await act.visitor.sees("Copied", ".access");
    expect(await act.visitor.page.evaluate("navigator.clipboard.readText()")).toBe(PASSWORD);
    await act.look("ready");
    await act.visitor.opens("How to get in");
    await act.visitor.page.waitForFunction(`!document.documentElement.outerHTML.includes("${PASSWORD}")`);
  });

  it("[CLONE-10] counts down by the service's clock, whatever the browser's says", async () => {
    await act.stage.clone(act.tenant(), "timely");
    await act.stage.clone(act.tenant(), "hurried", { expiresAt: new Date(Date.now() + 63_000) });
    await act.enter((page) =>
      page.evaluateOnNewDocument("{ const now = Date.now.bind(Date); Date.now = () => now() + 3_600_000; }"),
    );
    await act.visitor.sees("29 min", "#clones");
    await act.visitor.sees("59 s", "#clones");
    expect(await act.visitor.text("#clones")).toMatch(/just now|\d+ s ago/);
    const soon = await act.visitor.page.$$eval('[data-near="soon"]', (found: any) =>
      found.map((one: any) => one.innerText),
    );
    expect(soon).toEqual([expect.stringContaining("hurried")]);
  });

  it("[CLONE-10] extends a clone, and says until when before it does", async () => {
    const id = await act.stage.clone(act.tenant(), "longer");
    await act.enter();
    await act.visitor.press("Extend the clone of longer");
    await act.visitor.sees("1 hour 30 minutes after it was made", "#extend");
    await act.look("extend");
    expect(await act.visitor.barriers()).toEqual([]);
    await act.visitor.fill("Longer by, number", "99999", "spinbutton");
    await act.visitor.sees("7 days at most", "#extend");
    await act.visitor.press("Extend");
    await act.visitor.page.waitForSelector("#longer[aria-invalid]");
    await act.visitor.fill("Longer by, number", "2", "spinbutton");
    await act.visitor.press("Extend");
    await act.visitor.sees("2 h 29 min", "#clones");
    await act.visitor.sees("The clone of longer lives until", "#notice");
    const { createdAt, expiresAt } = act.stage.backend.clones.get(id)!;
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(9_000_000);
    expect(await act.visitor.focused()).toBe("Extend the clone of longer");
  });

  it("[CLONE-10] deletes a clone whose name was confirmed, and no other", async () => {
    const [id, other] = [
      await act.stage.clone(act.tenant(), "leaving"),
      await act.stage.clone(act.tenant(), "staying"),
    ];
    await act.enter();
    await act.visitor.press("Delete the clone of leaving");
    await act.visitor.sees(id, "#delete");
    expect(await act.visitor.focused()).toBe("Keep it");
    await act.look("delete");
    expect(await act.visitor.barriers()).toEqual([]);
    await act.visitor.page.keyboard.press("Escape");
    expect(await act.visitor.focused()).toBe("Delete the clone of leaving");
    await act.visitor.press("Delete the clone of leaving");
    await act.visitor.press(`Delete ${id}`);
    await act.visitor.seesNot("leaving", "#clones");
    await act.visitor.sees("Deletion of leaving", "#jobs");
    expect([act.stage.backend.clones.has(id), act.stage.backend.clones.has(other)]).toEqual([false, true]);
  });

  it("[CLONE-01] cancels a job, and asks again for what failed without what was secret", async () => {
    act.stage.sites.isSlow = true;
    await act.enter();
    await act.askFor("regretted");
    await act.visitor.sees("Copying tables", "#jobs");
    await act.visitor.press("Cancel");
    await act.visitor.sees("Cancelled", "#jobs");
    act.stage.sites.go();
    await act.askFor("unlucky", "https://broken.example.com");
    await act.visitor.sees("it answers, but not with what was asked for", "#jobs");
    await act.look("failed");
    expect(await act.visitor.barriers()).toEqual([]);
    await act.visitor.press("Try again…");
    expect(await act.visitor.page.$eval("#source-url", (input: any) => input.value)).toBe("https://broken.example.com");
    expect(await act.visitor.page.$eval("#customer-id", (input: any) => input.value)).toBe("unlucky");
  });
});

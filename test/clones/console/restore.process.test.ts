import { playInBrowser } from "./act";

playInBrowser("A restore in the console", (act) => {
  it("[CLONE-07] previews a restore, and restores just what was previewed", async () => {
    await act.stage.clone(act.tenant(), "homebound");
    act.stage.sites.found = { changes: { content: 12, uploads: 3, themes: 0 }, conflicts: [] };
    await act.enter();
    await act.visitor.press("Restore the clone of homebound");
    await act.visitor.tick("Plugins");
    await act.look("restore");
    expect(await act.visitor.barriers()).toEqual([]);
    await act.preview();
    await act.visitor.sees("15 changes would be made to www.example.com", "#restore");
    expect((await act.visitor.text("#restore tbody")).replaceAll(/\s+/g, " ")).toBe("Content 12 Uploads 3 Themes none");
    expect(await act.visitor.barriers()).toEqual([]);
    await act.look("restore-preview");
    expect(act.stage.sites.restored).toEqual([]);
    await act.visitor.sees("It brings back content, uploads, themes and options.", "#restore");
    await act.visitor.press("Restore to www.example.com");
    await act.visitor.sees("Done", "#jobs");
    const [restored, ...more] = act.stage.sites.restored.splice(0);
    expect([more.length, restored?.force, restored?.target.url]).toEqual([0, false, "https://www.example.com"]);
    expect([...(restored?.scopes ?? [])].sort()).toEqual(["content", "options", "themes", "uploads"]);
    await act.visitor.sees("Preview of a restore of homebound", "#jobs");
    expect(await act.visitor.page.evaluate("JSON.stringify(sessionStorage) + document.body.outerHTML")).not.toContain(
      "canary",
    );
  });

  it("[CLONE-07] overwrites what changed on the site only for somebody who types its name", async () => {
    const hostile = '<img src=x onerror="document.title=1">';
    await act.stage.clone(act.tenant(), "stubborn");
    const conflicts = ["post 17 “Autumn sale” was changed", "option blogname was changed", `post 18 ${hostile}`];
    act.stage.sites.found = { changes: { content: 2 }, conflicts };
    await act.enter();
    await act.visitor.press("Restore the clone of stubborn");
    await act.preview();
    await act.visitor.sees("3 conflicts.", "#restore");
    await act.visitor.sees(hostile, ".conflicts");
    expect(await act.visitor.page.$("#restore img")).toBeNull();
    const isOff = async () => await act.visitor.page.$eval('[data-part="confirm"]', (button: any) => button.disabled);
    const field = "To overwrite it all the same, type www.example.com";
    expect(await isOff()).toBe(true);
    await act.visitor.fill(field, "example.com");
    expect(await isOff()).toBe(true);
    await act.visitor.page.keyboard.press("Enter");
    await act.visitor.fill(field, "www.example.com");
    expect(await isOff()).toBe(false);
    await act.look("restore-conflict");
    expect(await act.visitor.barriers()).toEqual([]);
    expect(act.stage.sites.restored).toEqual([]);
    await act.visitor.press("Overwrite www.example.com");
    await act.visitor.sees("Done", "#jobs");
    expect(act.stage.sites.restored.splice(0).map(({ force }) => force)).toEqual([true]);
  });

  it("[CLONE-07] says why a preview failed, and lets its user correct it", async () => {
    await act.stage.clone(act.tenant(), "patient");
    await act.enter();
    await act.visitor.press("Restore the clone of patient");
    await act.preview("ftp://www.example.com");
    await act.visitor.sees("It is no URL of http or https", '[data-path="target.url"] .error');
    await act.preview("https://broken.example.com");
    await act.visitor.sees("The preview failed.", "#restore .problem");
    await act.visitor.sees("it answers, but not with what was asked for", "#restore .problem");
    act.stage.sites.found = { changes: { content: 0 }, conflicts: [] };
    await act.preview();
    await act.visitor.sees("Nothing would change on www.example.com", "#restore");
    expect(await act.visitor.page.$eval('[data-part="confirm"]', (button: any) => button.disabled)).toBe(true);
  });
});

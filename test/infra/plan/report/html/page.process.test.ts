import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "puppeteer-core";
import { readSettings, STACKS } from "../../../../../constructs/settings";
import { planStack } from "../../../../../infra/plan/plan";
import { renderReport } from "../../../../../infra/plan/report/html/page";
import { readManifests } from "../../../../../infra/plan/report/manifests";
import { reportOf, StackInput } from "../../../../../infra/plan/report/model";
import { missingChromium, NARROW, startBrowser, Visitor } from "../../../../clones/console/browser";
import { REPOSITORY } from "../../../../support/pulumi-project";
import { describeWith } from "../../../../support/requires";

/** KB: what a mail still takes as an attachment, and a browser opens at once. */
const LARGEST = 2_500;

describeWith(missingChromium(), "the report in a browser, from a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "loomworks-page-"));
  const file = join(folder, "index.html");
  const url = pathToFileURL(file).href;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    const inputs: StackInput[] = [];
    for (const stack of STACKS) {
      const files = readManifests(join(REPOSITORY, "dist", stack));
      inputs.push({
        stack,
        files,
        settings: readSettings(stack, REPOSITORY),
        plan: await planStack(stack, REPOSITORY, "aws"),
      });
    }
    writeFileSync(file, renderReport(reportOf(inputs)));
    browser = await startBrowser();
  }, 120_000);
  beforeEach(async () => void (visitor = await Visitor.arrive(browser, url)));
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  const shownIn = (tree: string) =>
    visitor.page.evaluate(
      `[...document.querySelectorAll("#${tree} li")].filter((each) => each.checkVisibility()).map((each) => each.querySelector(".name").innerText)`,
    ) as Promise<string[]>;

  it(`[PLAT-10] is smaller than ${LARGEST} KB, asks for nothing else, and complains of nothing`, () => {
    expect(statSync(file).size / 1024).toBeLessThan(LARGEST);
    expect(visitor.requests.map((request) => request.url)).toEqual([url]);
    expect(visitor.complaints).toEqual([]);
  });

  it.each(["light", "dark"])(
    "[PLAT-10] bars nobody by axe's word, everything opened, in %s",
    async (scheme) => {
      await visitor.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await visitor.page.evaluate(
        `document.querySelectorAll("details:not(.object)").forEach((each) => (each.open = true))`,
      );
      expect(await visitor.barriers()).toEqual([]);
    },
    240_000,
  );

  it("finds what is typed in the tree of a plan, with what it is in, and shows all again", async () => {
    const closed = await shownIn("production-tree");
    await visitor.fill("Find in the plan of production", "BucketPolicy", "searchbox");
    expect(await shownIn("production-tree")).toEqual([
      "storage",
      ...["backups", "logs", "traces"].flatMap((name) => [`storage-${name}`, `storage-${name}-policy`]),
    ]);
    expect(await visitor.text("#production .tools output")).toBe("3 found");
    await visitor.page.focus("#production-tree-search");
    for (let left = "BucketPolicy".length; left > 0; left -= 1) await visitor.page.keyboard.press("Backspace");
    expect(await shownIn("production-tree")).toEqual(closed);
  }, 60_000);

  it("finds by several words, and shows a component whole that they name", async () => {
    await visitor.fill("Find in the plan of staging", "karpenter interruption component:nope", "searchbox");
    expect(await shownIn("staging-tree")).toEqual([]);
    await visitor.fill("Find in the plan of staging", "nodes-interruption loomworks:", "searchbox");
    expect(await shownIn("staging-tree")).toEqual(["nodes", "nodes-interruption"]);
  }, 60_000);

  it("opens by keyboard alone", async () => {
    await visitor.page.focus("#staging-tree details summary");
    const before = await shownIn("staging-tree");
    await visitor.page.keyboard.press("Enter");
    expect((await shownIn("staging-tree")).length).toBeGreaterThan(before.length);
  });

  it("is no wider than a phone, but for tables and pictures that scroll by themselves", async () => {
    await visitor.page.setViewport(NARROW);
    expect(await visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  });
});

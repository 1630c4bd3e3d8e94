/** Debian's Chromium, and what people do with a page: they find things by their names. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Browser, BrowserContext, launch, Page } from "puppeteer-core";

const PROGRAM = "/usr/bin/chromium";
/** Milliseconds until what a test waits for is there, on a machine that does other things too. */
const PATIENCE = 15_000;
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const WIDE = { width: 1280, height: 860 };
export const NARROW = { width: 360, height: 740 };

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingChromium(): string | undefined {
  const { status } = spawnSync(PROGRAM, ["--version"]);
  return status === 0 ? undefined : "chromium is missing: apt-get install chromium";
}

export async function startBrowser(): Promise<Browser> {
  // Its sandbox wants user namespaces, which containers of CI don't have; its pages are our own.
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en-GB"];
  return await launch({ executablePath: PROGRAM, args, env: { ...process.env, TZ: "UTC" } });
}

/** A person with a window of their own: nothing of another one's storage. */
export class Visitor {
  /** What the page did wrong by the browser's word: errors, and what the policy refused. */
  readonly complaints: string[] = [];
  /** Where it asked, with the headers. */
  readonly requests: { readonly url: string; readonly headers: Record<string, string> }[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {}

  static async arrive(browser: Browser, url: string, prepare?: (page: Page) => Promise<unknown>): Promise<Visitor> {
    const context = await browser.createBrowserContext();
    const permissions = ["clipboard-read", "clipboard-write"].map((name) => ({
      permission: { name },
      state: "granted",
    }));
    await context.setPermission(url, ...(permissions as Parameters<typeof context.setPermission>[1][]));
    const page = await context.newPage();
    const visitor = new Visitor(page, context);
    page.setDefaultTimeout(PATIENCE);
    await page.setViewport(WIDE);
    page.on("pageerror", (error) => void visitor.complaints.push(String(error)));
    page.on("console", (message) => {
      // A refused request is a line of Chromium's own; the page tells it in its way.
      const isRefusal = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !isRefusal) visitor.complaints.push(message.text());
    });
    page.on("request", (request) => {
      visitor.requests.push({ url: request.url(), headers: request.headers() });
    });
    await prepare?.(page);
    await page.goto(url);
    return visitor;
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  async logIn(key: string): Promise<void> {
    await this.fill("API key", key);
    await this.press("Log in");
    await this.sees("Clones");
  }

  /** A button by its name. */
  async press(name: string): Promise<void> {
    await this.page.locator(`::-p-aria([name="${name}"][role="button"])`).click();
  }

  async fill(label: string, value: string, role = "textbox"): Promise<void> {
    await this.page.locator(`::-p-aria([name="${label}"][role="${role}"])`).fill(value);
  }

  async tick(label: string): Promise<void> {
    await this.page.locator(`::-p-aria([name="${label}"][role="checkbox"])`).click();
  }

  async opens(summary: string): Promise<void> {
    await this.page.locator(`::-p-xpath(//summary[contains(., "${summary}")])`).click();
  }

  /** Waits until the page shows it. */
  async sees(text: string, within = "body"): Promise<void> {
    const script = `document.querySelector(${JSON.stringify(within)})?.innerText.includes(${JSON.stringify(text)})`;
    await this.page.waitForFunction(script).catch(async () => {
      throw new Error(`${within} doesn't show ${JSON.stringify(text)}, but:\n${await this.text(within)}`);
    });
  }

  async seesNot(text: string, within = "body"): Promise<void> {
    const script = `!document.querySelector(${JSON.stringify(within)})?.innerText.includes(${JSON.stringify(text)})`;
    await this.page.waitForFunction(script);
  }

  async text(within = "body"): Promise<string> {
    return (await this.page.evaluate(`document.querySelector(${JSON.stringify(within)})?.innerText ?? ""`)) as string;
  }

  /** Name of what has the focus: its label, or what it says. */
  async focused(): Promise<string> {
    const script = `(() => {
      const node = document.activeElement;
      return node.getAttribute("aria-label") ?? node.labels?.[0]?.innerText ?? node.innerText ?? node.id;
    })()`;
    return ((await this.page.evaluate(script)) as string).trim();
  }

  /** Tab, until that has the focus: who can't get there with it, can't get there. */
  async tabTo(name: string): Promise<void> {
    const passed: string[] = [];
    for (let stop = 0; stop < 60; stop += 1) {
      await this.page.keyboard.press("Tab");
      passed.push(await this.focused());
      if (passed.at(-1) === name) return;
    }
    throw new Error(`Tab never comes to ${name}: ${passed.join(" → ")}`);
  }

  /** What axe finds wrong by WCAG 2.2 AA and its own good practice, each with where. */
  async barriers(): Promise<readonly string[]> {
    await this.page.evaluate(AXE);
    await this.settle();
    const { violations } = (await this.page.evaluate("axe.run(document)")) as any;
    return violations.flatMap(({ id, nodes }: any) => nodes.map(({ html }: any) => `${id}: ${html}`));
  }

  /** What fades in has other colours for a moment. */
  async settle(): Promise<void> {
    await this.page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished))");
  }

  /** Pixels by which the page is wider than its window. */
  async overflow(): Promise<number> {
    return (await this.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")) as number;
  }
}

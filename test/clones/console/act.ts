/** A suite about the console: one service, one browser, and for each test a visitor of a tenant of its own. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { describeWith } from "../../support/requires";
import { missingChromium, startBrowser, Visitor } from "./browser";
import { Stage } from "./stage";

/** Milliseconds for one test, on a machine that does other things too. */
const PATIENCE = 60_000;

/** A folder for pictures of every state that has a name, for somebody who wants to look at them. */
const { CONSOLE_PICTURES: pictures } = process.env;

type Prepare = (page: Page) => Promise<unknown>;

export class Act {
  stage!: Stage;
  visitor!: Visitor;
  private browser!: Browser;
  private tenants = 0;

  async begin(): Promise<void> {
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
    [this.stage, this.browser] = await Promise.all([Stage.start(), startBrowser()]);
  }

  next(): void {
    this.tenants += 1;
    this.stage.sites.found = { changes: {}, conflicts: [] };
  }

  async end(): Promise<void> {
    await this.browser.close();
    await this.stage.stop();
  }

  tenant(): string {
    return `tenant-${this.tenants}`;
  }

  async arrive(prepare?: Prepare): Promise<void> {
    this.visitor = await Visitor.arrive(this.browser, this.stage.url, prepare);
  }

  /** @returns the key that it came with */
  async enter(prepare?: Prepare) {
    const key = await this.stage.key(this.tenant());
    await this.arrive(prepare);
    await this.visitor.logIn(key.text);
    return key;
  }

  async look(name: string): Promise<void> {
    if (pictures === undefined) return;
    await this.visitor.settle();
    await this.visitor.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async askFor(customer: string, source = "https://shop.example.com"): Promise<void> {
    await this.visitor.press("New clone");
    await this.visitor.fill("Site to copy", source);
    await this.visitor.fill("Customer", customer);
    await this.visitor.press("Make the clone");
  }

  async preview(target = "https://www.example.com"): Promise<void> {
    await this.visitor.fill("Site that gets the changes", target);
    await this.visitor.fill("Its administrator", "admin");
    await this.visitor.fill("Password", "canary-of-the-site");
    await this.visitor.press("Preview");
  }
}

export function playInBrowser(title: string, tests: (act: Act) => void): void {
  jest.setTimeout(PATIENCE);
  describeWith(missingChromium(), title, () => {
    const act = new Act();
    beforeAll(async () => await act.begin());
    afterAll(async () => await act.end());
    beforeEach(() => act.next());
    afterEach(async () => {
      const { complaints, requests } = act.visitor;
      await act.visitor.leave();
      expect(complaints).toEqual([]);
      // Nothing is asked of anybody else, and no key stands in a URL.
      expect(requests.filter(({ url }) => !url.startsWith(act.stage.url) || url.includes("lw_"))).toEqual([]);
    });
    tests(act);
  });
}

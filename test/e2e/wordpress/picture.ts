/** A picture of the clones' console as it is in the middle of the story: the README's of the running system. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { startBrowser, Visitor } from "../../clones/console/browser";
import { eventually } from "../../cluster";
import type { Caller } from "./caller";

const SIZE = { width: 1280, height: 800 };

/** Until the clone is asked for, after a free pod has been waited for. */
const ASKED_MILLISECONDS = 240_000;

/** Until it is copied; one that is done before that is in the picture as it is. */
const COPIED_MILLISECONDS = 20_000;

/** KB: what a page on the web can still show at once. */
const LARGEST = 200;

/** The page looks every five seconds, and a warm clone is made in not much more: what it takes for a network back has it look. */
const LOOK_NOW = 'window.dispatchEvent(new Event("online"))';

/** What tells the key apart is no secret, but looks like one to who sees the picture. */
const HIDE_KEY = 'document.querySelector("#key-name").hidden = true';

/**
 * Logs in, waits until the clone of `customer` is being copied, opens that job's steps, and takes it.
 *
 * @returns what there is to be seen
 */
export async function takePicture(file: string, { base, key }: Caller, customer: string): Promise<string> {
  const browser = await startBrowser();
  try {
    const visitor = await Visitor.arrive(browser, base);
    const { page } = visitor;
    await page.setViewport(SIZE);
    await visitor.logIn(key);
    await page.evaluate(HIDE_KEY);
    const isShown = async (text: string) => {
      await page.evaluate(LOOK_NOW);
      return (await visitor.text("#jobs")).includes(text);
    };
    const wait = { intervalMs: 200 };
    await eventually(() => isShown(`Clone of ${customer}`), {
      ...wait,
      what: `the clone of ${customer} in the console`,
      timeoutMs: ASKED_MILLISECONDS,
    });
    await visitor.opens("Steps");
    await eventually(() => isShown("Copying"), {
      ...wait,
      what: "a site that is copied",
      timeoutMs: COPIED_MILLISECONDS,
    }).catch(() => undefined);
    await page.evaluate("document.activeElement.blur()");
    await visitor.settle();
    mkdirSync(dirname(file), { recursive: true });
    await page.screenshot({ path: file });
    const kilobytes = statSync(file).size / 1000;
    if (kilobytes > LARGEST) throw new Error(`${file} has ${kilobytes.toFixed(0)} KB, more than ${LARGEST}`);
    if (visitor.complaints.length > 0) throw new Error(visitor.complaints.join("; "));
    const count = await visitor.text("#clones-count");
    return `${count} clones, ${SIZE.width}x${SIZE.height}, ${kilobytes.toFixed(0)} KB`;
  } finally {
    await browser.close();
  }
}

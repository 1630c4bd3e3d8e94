/** The demo site: a small business with posts, pictures, a shop and customers, as a source to clone. */
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../provisioner/clock";
import { KeptSite } from "../kept-site";
import { replaceFile } from "../local-sites";
import type { PhpKind } from "../php";
import type { WordPressFiles } from "../wordpress-files";
import { freePort, installSite, isFree, startSite, WordPressSite } from "../wordpress-site";

export interface DemoSize {
  /** @default 30; every third has a picture */
  readonly posts?: number;
  /** Side of a picture. @default 320 */
  readonly pixels?: number;
}

export interface DemoOptions {
  /** Made if it isn't there; a demo site that is there goes on as it was left. */
  readonly folder: string;
  readonly files: WordPressFiles;
  readonly php: PhpKind;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Buffer;
  /** @default 8081, or a free one if somebody has that */
  readonly port?: number;
  readonly size?: DemoSize;
}

export interface DemoSite {
  /** Without a slash at its end. */
  readonly url: string;
  readonly username: string;
  /** Of nothing but the demo. */
  readonly password: string;
  stop(): Promise<void>;
}

const PORT = 8081;
const USERNAME = "demo";
const noted = z.object({ port: z.number(), password: z.string() });

/** Fills an installed site; one that was filled before stays as it is. */
export async function fillDemoSite(site: WordPressSite, size: DemoSize = {}): Promise<void> {
  await cp(join(__dirname, "demo-shop"), join(site.content, "plugins", "demo-shop"), { recursive: true });
  await site.run(join(__dirname, "fill.php"), size);
}

/** Starts it as a stranger's site: without our plugin. @throws {Error} if it can't be made */
export async function startDemoSite(options: DemoOptions): Promise<DemoSite> {
  const { folder, files, php, clock } = options;
  const note = join(folder, "demo.json");
  const site = join(folder, "site");
  let first: WordPressSite | undefined;
  if (!existsSync(note)) {
    // Half a demo site of an earlier start.
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const port = options.port ?? ((await isFree(PORT)) ? PORT : await freePort());
    const password = options.randomBytes(9).toString("base64url");
    first = await startSite({ folder: site, files, php, port });
    try {
      await installSite(first, { title: "Demo", username: USERNAME, password });
      await fillDemoSite(first, options.size);
      await replaceFile(note, JSON.stringify({ port, password }));
    } catch (error) {
      await first.stop();
      throw error;
    }
  }
  const { port, password } = noted.parse(JSON.parse(await readFile(note, "utf8")));
  const start = () => startSite({ folder: site, files, php, port });
  const kept = first === undefined ? await KeptSite.begin(start, clock) : new KeptSite(start, clock, first);
  return { url: `http://127.0.0.1:${port}`, username: USERNAME, password, stop: () => kept.stop() };
}

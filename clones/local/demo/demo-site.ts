/** The demo site: a small business with posts, pictures, a shop and customers, as a source to clone. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { WordPressSite } from "../wordpress-site";

const FOLDER = __dirname;

export interface DemoSize {
  /** @default 30; every third has a picture */
  readonly posts?: number;
  /** Side of a picture. @default 320 */
  readonly pixels?: number;
}

/** Fills an installed site; one that was filled before stays as it is. */
export async function fillDemoSite(site: WordPressSite, size: DemoSize = {}): Promise<void> {
  await cp(join(FOLDER, "demo-shop"), join(site.content, "plugins", "demo-shop"), { recursive: true });
  await site.run(join(FOLDER, "fill.php"), size);
}

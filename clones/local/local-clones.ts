/** What the local backend writes down of its clones, in a file that nobody but the user may read. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "./local-sites";

const localClone = z.object({
  id: z.string(),
  tenantId: z.string(),
  customerId: z.string(),
  jobId: z.string(),
  ttlSeconds: z.number(),
  createdAt: z.iso.datetime(),
  /** Name of its folder. */
  folder: z.string().regex(/^site-[a-z0-9]+$/),
  username: z.string(),
  password: z.string(),
  apiKey: z.string(),
  port: z.number(),
});

export type LocalClone = z.output<typeof localClone>;

const NAME = "clones.json";

export class LocalClones {
  /** Names in the folder that aren't a clone's. */
  static readonly names: readonly string[] = [NAME];

  constructor(private readonly folder: string) {}

  /** Whatever isn't as this version writes it isn't there. */
  async read(): Promise<readonly LocalClone[]> {
    const text = await readFile(join(this.folder, NAME), "utf8").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "[]";
      throw error;
    });
    const all = z.array(z.unknown()).parse(JSON.parse(text));
    return all.flatMap((one) => {
      const { success, data } = localClone.safeParse(one);
      return success ? [data] : [];
    });
  }

  async save(clones: Iterable<LocalClone>): Promise<void> {
    await replaceFile(join(this.folder, NAME), JSON.stringify([...clones], undefined, 2));
  }
}

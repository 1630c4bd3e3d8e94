/** A process of its own that migrates the store which its argument names, when it is told to: `tsx migrate-process.ts URL`. */
import { once } from "node:events";
import { openStore } from "../../../../clones/store/open";

async function main(): Promise<void> {
  const store = openStore(process.argv[2] ?? "");
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
  const done = await store.migrate();
  await store.jobs.check();
  await store.close();
  process.stdout.write(`${JSON.stringify(done)}\n`);
  process.stdin.destroy();
}

main().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exit(1);
});

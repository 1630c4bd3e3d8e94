/** A process of its own that migrates the store which its argument names: `tsx migrate-process.ts URL`. */
import { openStore } from "../../../../clones/store/open";

async function main(): Promise<void> {
  const store = openStore(process.argv[2] ?? "");
  const done = await store.migrate();
  await store.jobs.check();
  await store.close();
  process.stdout.write(JSON.stringify(done));
}

main().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exitCode = 1;
});

/** Gets everything that sites on this machine need, for CI and for whoever goes offline: `npx tsx clones/local/prepare.ts`. */
import { runCommand } from "../../constructs/shared/cli";
import { wasmPackages } from "./wasm-php";
import { userCache, wordpressFiles } from "./wordpress-files";

if (require.main === module) {
  runCommand(async () => {
    const { version, folder } = await wordpressFiles(userCache(), console.log);
    console.log(`WordPress ${version}: ${folder}`);
    console.log(`PHP in WebAssembly: ${await wasmPackages(userCache(), console.log)}`);
    return 0;
  });
}

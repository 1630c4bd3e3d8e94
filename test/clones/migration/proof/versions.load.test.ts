import { userCache } from "../../../../clones/local/wordpress-files";
import { missingOldWordPress, oldWordPress } from "../../../support/old-wordpress";
import { describeWith } from "../../../support/requires";
import { missingWasmPhp, missingWordPress } from "../../../support/wordpress";
import { proofs } from "./true-copy";

const COPY = "[CLONE-06] a clone is a true copy of its source";

describeWith(missingWordPress() ?? missingOldWordPress(), `${COPY} between versions of WordPress`, () => {
  const prove = proofs();
  it("from 6.4 to the current one", async () => {
    await prove({ files: await oldWordPress(userCache(), () => undefined) }, {});
  }, 120_000);
});

describeWith(missingWordPress() ?? missingWasmPhp(), `${COPY} between versions of PHP`, () => {
  const prove = proofs();
  it("from the machine's own PHP to 8.3 in WebAssembly", () => prove({}, { php: "wasm" }), 240_000);
  it("from 8.3 in WebAssembly to the machine's own PHP", () => prove({ php: "wasm" }, {}), 240_000);
});

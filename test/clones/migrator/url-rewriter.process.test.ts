import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's rewriter of URLs", () => {
  phpTests("url-rewriter.php", "[CLONE-06]");
  // php-wasm has no JIT, nor have some hosts: PHP's limits for regular expressions count there.
  phpTests("url-rewriter.php", "[CLONE-06]", ["pcre.jit=0"]);
});

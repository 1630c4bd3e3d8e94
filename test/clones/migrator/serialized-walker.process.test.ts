import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's walker of serialized data", () => {
  phpTests("serialized-walker.php", "[CLONE-06]");
  // php-wasm has no JIT, nor have some hosts: PHP's limits for regular expressions count there.
  phpTests("serialized-walker.php", "[CLONE-06]", ["pcre.jit=0"]);
});

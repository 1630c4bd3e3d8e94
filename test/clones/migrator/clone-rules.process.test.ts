import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "the plugins that are switched off on clones", () =>
  phpTests("clone-rules.php", "[CLONE-06]"),
);

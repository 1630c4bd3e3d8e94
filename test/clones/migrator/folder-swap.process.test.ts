import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's swap of folders", () => phpTests("folder-swap.php", "[CLONE-07]"));

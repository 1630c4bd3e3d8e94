import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's export", () => phpTests("export.php", "[CLONE-06]"));

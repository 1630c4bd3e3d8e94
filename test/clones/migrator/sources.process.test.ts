import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's sources", () => phpTests("sources.php", "[CLONE-06]"));

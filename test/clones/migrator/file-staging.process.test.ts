import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's staging of files", () => phpTests("file-staging.php", "[CLONE-06]"));

import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's archive", () => phpTests("archive.php", "[CLONE-06]"));

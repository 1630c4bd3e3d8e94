import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's rewriter of URLs", () => phpTests("url-rewriter.php", "[CLONE-06]"));

import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { phpTests } from "./php-tests";

describeWith(missingPhp(), "custom-migrator's walker of serialized data", () =>
  phpTests("serialized-walker.php", "[CLONE-06]"),
);

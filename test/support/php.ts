/** The machine's own PHP, which runs the WordPress plugin's tests. */
import { spawnSync } from "node:child_process";

/** The oldest version that the plugin promises to run on. */
const OLDEST = 70400;
const EXTENSIONS = { mbstring: "php-mbstring", pdo_mysql: "php-mysql", pdo_sqlite: "php-sqlite3", xml: "php-xml" };

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingPhp(): string | undefined {
  const script = "echo PHP_VERSION_ID, ' ', implode(' ', array_map('strtolower', get_loaded_extensions()));";
  const { status, stdout } = spawnSync("php", ["-r", script], { encoding: "utf8" });
  if (status !== 0) return "php is missing: apt-get install php-cli";
  const [version, ...loaded] = stdout.split(" ");
  if (Number(version) < OLDEST) return `php is older than 7.4: ${version}`;
  const missing = Object.entries(EXTENSIONS).find(([extension]) => !loaded.includes(extension));
  return missing === undefined ? undefined : `php's ${missing[0]} is missing: apt-get install ${missing[1]}`;
}

import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { userCache, wordpressFiles } from "../../../clones/local/wordpress-files";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { missingPhp } from "../../support/php";
import { describeWith } from "../../support/requires";
import { missingWordPress } from "../../support/wordpress";
import { runPhp } from "./php-tests";

const SCRIPT = "staged-tables.php";
/** Of the whole script, on a machine with much else to do. */
const LONGEST_MILLISECONDS = 240_000;

/** WordPress's schema, and the driver by which it lives on SQLite. */
async function wordPress(): Promise<Record<string, string>> {
  const { folder, core } = await wordpressFiles(userCache(), () => undefined);
  return { MIGRATOR_WORDPRESS: core, MIGRATOR_SQLITE: join(folder, "sqlite-database-integration") };
}

function expectPassed({ checks, ended }: ReturnType<typeof runPhp>): void {
  expect(checks.filter(({ failure }) => failure !== "")).toEqual([]);
  expect(ended).toBe("");
  expect(checks.length).toBeGreaterThan(20);
}

describeWith(missingPhp() ?? missingWordPress(), "custom-migrator's tables, on WordPress's SQLite", () => {
  it(
    "[CLONE-06] [CLONE-07] come in next to the site's own, and take their place all at once or not at all",
    async () => {
      expectPassed(runPhp(SCRIPT, await wordPress()));
    },
    LONGEST_MILLISECONDS,
  );
});

const missing = missingPhp() ?? missingWordPress() ?? missingMariaDb();
describeWith(missing, "custom-migrator's tables, on MariaDB, to SQLite and back", () => {
  let server: MariaDb;
  beforeAll(async () => (server = await startMariaDb()), 60_000);
  afterAll(() => server.stop(), 30_000);

  it(
    "[CLONE-06] [CLONE-07] do there all that they do on SQLite",
    async () => {
      const { host, port, rootPassword: password } = server;
      const connection = await createConnection({ host, port, user: "root", password });
      await connection.query("SET GLOBAL max_allowed_packet = 16777216");
      await connection.end();
      const environment = {
        ...(await wordPress()),
        MIGRATOR_DSN: `mysql:host=${host};port=${port};charset=utf8mb4`,
        MIGRATOR_USER: "root",
        MIGRATOR_PASSWORD: password,
      };
      expectPassed(runPhp(SCRIPT, environment));
    },
    LONGEST_MILLISECONDS,
  );
});

import { join } from "node:path";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";
import { missingWordPress, startTestSite, TestSite } from "../../support/wordpress";

const TARGET = "https://c1.clones.test";
const SCRIPT = `return require '${join(__dirname, "php/wpdb-database.php")}';`;
const INCLUDES = join(__dirname, "../../../clones/image/custom-migrator/includes");

/** What a clone of a site into itself, put in place and back, must look like over WordPress's own database object. */
async function expectClone(site: TestSite, kind: string): Promise<void> {
  const seen = await site.evaluate(SCRIPT, { includes: INCLUDES, to: TARGET });
  expect(seen.names).toHaveLength(12);
  expect(seen).toMatchObject({
    kind,
    texts: ["it's \\ \u{1F44B} \0zero", null, "1", "1.5"],
    name: "Test site",
    problems: [],
    clone: [TARGET, "Café \u{1F44B} back\\slash", true],
    object: `${TARGET}/y`,
    content: `${TARGET}/x`,
    same_forms: true,
    insert: [true, ""],
    back: [site.url, "Café \u{1F44B} back\\slash"],
    same_again: true,
    delta: [],
    needs_upgrade: true,
    old_forms: false,
    upgraded: [true, true, true],
    left: [],
    session: true,
  });
  expect(seen.refusal).toMatch(/^DATABASE error \S+: /);
  for (const said of [seen.refusal, seen.schema_refusal]) expect(said).not.toContain("secret");
}

describeWith(missingWordPress(), "custom-migrator's database, in a WordPress on SQLite", () => {
  it("[CLONE-06] [CLONE-07] takes a clone in and gives the site back, over the drop-in", async () => {
    const site = await startTestSite();
    await expectClone(site, "sqlite").finally(() => site.stop());
  }, 90_000);
});

describeWith(missingWordPress() ?? missingMariaDb(), "custom-migrator's database, in a WordPress on MariaDB", () => {
  let server: MariaDb;
  beforeAll(async () => (server = await startMariaDb()), 60_000);
  afterAll(() => server.stop(), 30_000);

  it("[CLONE-06] [CLONE-07] takes a clone in and gives the site back, and leaves the session as it was", async () => {
    const site = await startTestSite({ database: server, prefix: "xyz_" });
    await expectClone(site, "mysql").finally(() => site.stop());
  }, 90_000);
});

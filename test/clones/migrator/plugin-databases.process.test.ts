import { existsSync } from "node:fs";
import { join } from "node:path";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";
import { fillDemoSite, missingWordPress, startTestSite, TestSite } from "../../support/wordpress";
import { ask, transfer } from "./plugin-client";
import { ADMIN, CONTENT, fingerprint, OPTIONS } from "./plugin-sites";

describeWith(missingWordPress() ?? missingMariaDb(), "custom-migrator between databases", () => {
  let server: MariaDb;
  const sites: TestSite[] = [];
  beforeAll(async () => (server = await startMariaDb()), 60_000);
  afterAll(async () => {
    await Promise.all(sites.map((site) => site.stop()));
    await server.stop();
  }, 60_000);

  it("[CLONE-06] clones MariaDB to SQLite and restores to MariaDB with another prefix, as an ordinary plugin", async () => {
    const source = await startTestSite({ ...OPTIONS, database: server, prefix: "shop_" });
    sites.push(source);
    await fillDemoSite(source, { posts: 5, pixels: 16 });
    const clone = await startTestSite({ ...OPTIONS, environment: { ...OPTIONS.environment, CLONE_NAME: "c" } });
    sites.push(clone);
    await transfer(source.url, clone.url, { job: "clone-1", mode: "clone", admin: ADMIN });
    const home = await (await fetch(`${clone.url}/`)).text();
    expect(home).toContain("Harbour");
    expect(home).not.toContain(source.url);
    expect(
      await clone.evaluate(
        `return wp_authenticate( $input['username'], $input['password'] ) instanceof WP_User;`,
        ADMIN,
      ),
    ).toBe(true);
    const production = await startTestSite({ ...OPTIONS, plugin: "installed", database: server, prefix: "p_" });
    sites.push(production);
    const users = await production.evaluate(`return get_users( array( 'fields' => 'user_pass' ) );`);
    const before = await fingerprint(production);
    await transfer(clone.url, production.url, { job: "back-1", scopes: CONTENT });
    const restored = await (await fetch(`${production.url}/`)).text();
    expect(restored).not.toContain(clone.url);
    expect(await production.evaluate(`return get_users( array( 'fields' => 'user_pass' ) );`)).toEqual(users);
    // The plugin stays, and active, though the clone's list of plugins doesn't have it.
    expect((await ask(production.url, "GET", "status")).journal).toMatchObject({ job: "back-1", phase: "swapped" });
    expect(existsSync(join(production.content, "mu-plugins", "0-custom-migrator-swap.php"))).toBe(false);
    await ask(production.url, "POST", "rollback", { job: "back-1" });
    expect(await fingerprint(production)).toEqual(before);
  }, 180_000);
});

import { describeWith } from "../../support/requires";
import { fillDemoSite, missingWordPress, startTestSite, TestSite } from "../../support/wordpress";
import { accessOf, copyRequest, newMigrator, signal, startClone } from "./support";

const PASSWORD = `return WP_Application_Passwords::create_new_application_password( 1, array( 'name' => 'clones' ) )[0];`;
/** In every table, by any form of the address. */
const MENTIONS = `global $wpdb; $found = array();
foreach ( $wpdb->get_col( 'SHOW TABLES' ) as $table ) {
	if ( false !== strpos( $table, 'cm_' ) ) { continue; }
	foreach ( $wpdb->get_results( "SELECT * FROM $table", ARRAY_A ) as $row ) {
		foreach ( $row as $column => $value ) {
			if ( 'guid' !== $column && false !== strpos( stripslashes( rawurldecode( (string) $value ) ), $input['host'] ) ) {
				$found[] = "$table.$column";
			}
		}
	}
}
return $found;`;

describeWith(missingWordPress(), "[CLONE-06] a clone of a real WordPress", () => {
  let source: TestSite;
  const targets: TestSite[] = [];
  const migrator = newMigrator();

  beforeAll(async () => {
    // Only so does WordPress take application passwords without HTTPS.
    source = await startTestSite({ constants: { WP_ENVIRONMENT_TYPE: "local" } });
    await fillDemoSite(source, { posts: 7, pixels: 16 });
  }, 120_000);
  afterAll(() => Promise.all([source, ...targets].map((site) => site.stop())));

  async function newClone() {
    const clone = await startClone();
    targets.push(clone.site);
    return clone;
  }

  it("is made by logging in and bringing the plugin along, shows the source's content, and lets its owner in", async () => {
    const access = accessOf(source);
    await migrator.check(access, signal);
    const { site, access: target } = await newClone();
    const reports: number[] = [];
    const report = (fraction: number) => void reports.push(fraction);
    const { loginUrl } = await migrator.copy(copyRequest(access, target, { report }));
    const [original, copied] = await Promise.all(
      [source, site].map(async ({ url }) => await (await fetch(url)).text()),
    );
    expect(copied).toContain("</html>");
    expect(copied!.replaceAll(site.url, source.url).length).toBeGreaterThan(original!.length * 0.8);
    expect(await site.evaluate(MENTIONS, { host: new URL(source.url).host })).toEqual([]);
    expect(await source.evaluate(MENTIONS, { host: new URL(source.url).host })).not.toEqual([]);
    const login = await fetch(loginUrl!, { redirect: "manual" });
    expect(login.headers.get("set-cookie")).toContain("wordpress_logged_in_");
    const again = await fetch(loginUrl!, { redirect: "manual" });
    expect(again.headers.get("set-cookie") ?? "").not.toContain("wordpress_logged_in_");
    expect([...reports].sort((one, other) => one - other)).toEqual(reports);
  }, 120_000);

  it("is made by an application password, or the plugin's key, where the plugin is", async () => {
    const password = (await source.evaluate(PASSWORD)) as string;
    const access = { url: source.url, username: source.admin.username, password };
    const { access: target, site } = await newClone();
    await migrator.copy(copyRequest(access, target));
    expect(await (await fetch(site.url)).text()).toContain("</html>");
    const key = await source.evaluate("return Custom_Migrator_Keys::make()['key'];");
    await migrator.check({ url: source.url, apiKey: String(key) }, signal);
  }, 120_000);

  it("isn't made with a wrong password", async () => {
    const wrong = { ...accessOf(source), password: "not that" };
    await expect(migrator.check(wrong, signal)).rejects.toMatchObject({ code: "SITE_LOGIN", retryable: false });
  }, 60_000);
});

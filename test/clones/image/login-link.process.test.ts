import { describeWith } from "../../support/requires";
import { missingWordPress, TestSite } from "../../support/wordpress";
import { get, newLink, refusal, startSite } from "./behaviour-sites";

// Each look into a site is a PHP process of its own, on machines that do much else.
jest.setTimeout(60_000);

/** Holds whoever is about to take a link until others have seen it, too. */
const SLOW = {
  "slow/slow.php": `add_filter( 'query', function ( $sql ) {
    if ( preg_match( '/^DELETE FROM \\S*cm_login WHERE token_hash/', $sql ) ) { usleep( 700000 ); }
    return $sql;
  } );`,
};

describeWith(missingWordPress(), "a link that logs in to a clone", () => {
  let clone: TestSite;
  let source: TestSite;
  beforeAll(async () => {
    [clone, source] = await Promise.all([
      startSite({ CLONE_NAME: "clone-1", WORDPRESS_ADMIN_USER: "admin" }, SLOW),
      startSite({}),
    ]);
    await clone.evaluate(
      "wp_insert_user( array( 'user_login' => 'editor', 'user_pass' => 'editor', 'user_email' => 'e@b.example', 'role' => 'editor' ) );",
    );
  }, 120_000);
  afterAll(async () => {
    await Promise.all([clone.stop(), source.stop()]);
  });

  it("[CLONE-06] works once, for one of many who come at the same time", async () => {
    const link = await newLink(clone);
    expect(link.url).toMatch(/\/\?custom_migrator_login=[0-9a-f]{64}$/);
    expect(link.expires - Date.now() / 1000).toBeGreaterThan(590);
    expect((await get(clone, link.url, { method: "HEAD" })).status).toBe(403);
    const answers = await Promise.all(Array.from({ length: 6 }, async () => await get(clone, link.url)));
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 403, 403, 403, 403, 403]);
    const [won] = answers.filter(({ status }) => status === 302);
    expect(won!.headers.get("location")).toBe(`${clone.url}/wp-admin/`);
    expect(won!.headers.get("cache-control")).toContain("no-store");
    expect(won!.headers.get("referrer-policy")).toBe("no-referrer");
    const lost = answers.filter(({ status }) => status === 403);
    expect(lost.flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
  });

  it("[CLONE-06] has a token that the database doesn't know, and is over after ten minutes", async () => {
    const { url } = await newLink(clone);
    const token = new URL(url).searchParams.get("custom_migrator_login")!;
    const rows = await clone.evaluate(
      'global $wpdb; return $wpdb->get_results( "SELECT * FROM {$wpdb->prefix}cm_login" );',
    );
    expect(JSON.stringify(rows)).not.toContain(token);
    await clone.evaluate('global $wpdb; $wpdb->query( "UPDATE {$wpdb->prefix}cm_login SET expires = expires - 600" );');
    expect((await get(clone, url)).status).toBe(403);
  });

  it("[CLONE-06] is for administrators alone, of a clone alone, and of no more than twenty", async () => {
    const create = (user: string) => `Custom_Migrator_Login_Link::create( '${user}' )`;
    expect(await refusal(clone, create("editor"))).toBe("LOGIN_USER");
    expect(await refusal(clone, create("nobody"))).toBe("LOGIN_USER");
    expect(await refusal(source, create("admin"))).toBe("NOT_A_CLONE");
    expect(await refusal(clone, `for ( $i = 0; $i < 30; $i++ ) { ${create("admin")}; }`)).toBe("LOGIN_LINKS");
    await clone.evaluate("Custom_Migrator_Login_Link::clear();");
    expect((await get(clone, `/?custom_migrator_login=${"a".repeat(64)}`)).status).toBe(403);
    expect((await get(clone, "/?custom_migrator_login[]=x")).status).toBe(403);
  });
});

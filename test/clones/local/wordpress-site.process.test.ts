import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith } from "../../support/requires";
import { fillDemoSite, missingWordPress, startTestSite, TestSite } from "../../support/wordpress";

describeWith(missingWordPress(), "a WordPress site on this machine", () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startTestSite();
    await fillDemoSite(site, { posts: 7, pixels: 16 });
  }, 60_000);
  afterAll(() => site.stop());
  const get = (path: string, init: RequestInit = {}) => fetch(`${site.url}${path}`, { redirect: "manual", ...init });

  it("[CLONE-06] shows pages and permalinks, and says 404 where there is nothing", async () => {
    expect(await (await get("/")).text()).toContain("Harbour &amp; Sons");
    const shop = await get("/shop/");
    expect(shop.status).toBe(200);
    expect(await shop.text()).toContain("ordered 8 times");
    expect((await get("/nothing-here/")).status).toBe(404);
    expect((await get("/wp-json/wp/v2/posts")).headers.get("content-type")).toContain("application/json");
  });

  it.each([
    ["/wp-includes/css/dist/block-library/style.min.css", "text/css; charset=utf-8"],
    ["/wp-includes/js/jquery/jquery.min.js", "text/javascript; charset=utf-8"],
    ["/wp-content/themes/twentytwentyfour/screenshot.png", "image/png"],
  ])("serves %s as what it is", async (path, type) => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
    const again = await get(path, { headers: { "if-none-match": answer.headers.get("etag")! } });
    expect(again.status).toBe(304);
  });

  it("runs no PHP from uploads, and shows neither database nor configuration", async () => {
    const uploads = join(site.content, "uploads");
    mkdirSync(join(uploads, "custom-migrator"), { recursive: true });
    for (const name of ["a.php", "a.PHP", "a.phtml", "a.php.txt"])
      writeFileSync(join(uploads, name), "<?php echo 'ran-' . 6*7;");
    mkdirSync(join(site.content, "custom-migrator"), { recursive: true });
    writeFileSync(join(site.content, "custom-migrator", "journal.json"), "{}");
    const closed = [
      ...["a.php", "a.PHP", "a.phtml", "a.php.txt", "a.php/more"].map((name) => `/wp-content/uploads/${name}`),
      "/wp-content/uploads/%61.php",
      "/wp-content/custom-migrator/journal.json",
      "/wp-config.php",
      "/salts.php",
      "/database/.ht.sqlite",
      "/wp-content/../database/.ht.sqlite",
      "/wp-content/%2e%2e/database/.ht.sqlite",
      "/wp-content/..%2fsalts.php",
    ];
    for (const path of closed) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.text()).not.toContain("ran-42");
    }
  });

  it("can call itself while it answers, and runs what its owner gives it", async () => {
    const plugins = join(site.content, "mu-plugins");
    mkdirSync(plugins, { recursive: true });
    const code = `<?php add_action( 'template_redirect', function () {
      if ( isset( $_GET['self'] ) ) wp_die( 'I am ' . wp_remote_retrieve_response_code( wp_remote_get( home_url( '/shop/' ) ) ) );
    } );`;
    writeFileSync(join(plugins, "self.php"), code);
    expect(await (await get("/?self=1")).text()).toContain("I am 200");
    expect(await site.evaluate("return get_option( $input['name'] );", { name: "home" })).toBe(site.url);
    await expect(site.evaluate("exit( 'early' );")).rejects.toThrow("early");
  });

  it("keeps what the demo shop put into its options", async () => {
    const { legacy } = await site.evaluate("return get_option( 'demo_shop_settings' );");
    expect(legacy).toContain(`"${site.url}/shop/"`);
    expect(await site.evaluate("return unserialize( get_option( 'demo_shop_settings' )['legacy'] )['home'];")).toBe(
      `${site.url}/`,
    );
  });

  it("leaves no process and no folder when it is stopped", async () => {
    const other = await startTestSite();
    await other.stop();
    await expect(fetch(other.url)).rejects.toThrow();
    expect(existsSync(other.folder)).toBe(false);
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith } from "../../support/requires";
import { missingWasmPhp, startTestSite, TestSite } from "../../support/wordpress";
import { logIn } from "../../support/wordpress-login";

const KEY = "a-key-of-this-site-alone-0123456789";
const packages = JSON.parse(
  readFileSync(join(__dirname, "../../../clones/local/php-wasm/package-lock.json"), "utf8"),
) as { packages: Record<string, { resolved?: string; integrity?: string }> };

describe("the packages of PHP in WebAssembly", () => {
  it("are pinned by checksums, and name no registry", () => {
    const others = Object.entries(packages.packages).flatMap(([path, one]) => (path === "" ? [] : [one]));
    expect(others.every(({ resolved, integrity }) => resolved === undefined && integrity !== undefined)).toBe(true);
    expect(others.length).toBeGreaterThan(10);
  });
});

describeWith(missingWasmPhp(), "a WordPress site on a machine without PHP", () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startTestSite({ php: "wasm", plugin: "mu", constants: { MIGRATION_API_KEY: KEY } });
  }, 180_000);
  afterAll(() => site.stop());

  it("[CLONE-06] shows its pages, its files, and the plugin's status to whoever has the key", async () => {
    const page = await fetch(`${site.url}/hello-world/`);
    expect([page.status, (await page.text()).includes("Welcome to WordPress")]).toEqual([200, true]);
    const style = await fetch(`${site.url}/wp-includes/css/dist/block-library/style.min.css`);
    expect([style.status, style.headers.get("content-type")]).toEqual([200, "text/css; charset=utf-8"]);
    const status = (key: string) =>
      fetch(`${site.url}/?rest_route=/custom-migrator/v1/status`, { headers: { "x-migrator-key": key } });
    expect((await status("another")).status).toBe(401);
    expect(await (await status(KEY)).json()).toMatchObject({ protocol: 1, database: { kind: "sqlite" } });
  }, 120_000);

  it("takes logins, posts and uploads, byte by byte", async () => {
    const admin = await logIn(site.url, site.admin);
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
    const media = await admin.upload("bytes.zip", "application/zip", bytes);
    const stored = new Uint8Array(await (await fetch(media.source_url)).arrayBuffer());
    expect(Buffer.compare(stored, bytes)).toBe(0);
    await admin.rest("POST", "/wp/v2/posts", { title: "From WebAssembly 🚢", status: "publish" });
    expect(await site.evaluate("return get_option( 'home' );")).toBe(site.url);
    expect(await (await fetch(`${site.url}/`)).text()).toContain("From WebAssembly 🚢");
  }, 120_000);

  it("hears at once that it can't call itself, rather than waiting for its own answer", async () => {
    const begun = Date.now();
    const answer = await site.evaluate("return wp_remote_get( home_url( '/' ) )->get_error_message();");
    expect(answer).toBe("This site answers one request after the other.");
    expect(Date.now() - begun).toBeLessThan(15_000);
  }, 120_000);

  it("answers one request after the other, and none of PHP in uploads", async () => {
    const all = await Promise.all(["/", "/hello-world/", "/none/"].map((path) => fetch(`${site.url}${path}`)));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 404]);
    expect((await fetch(`${site.url}/wp-content/uploads/a.php`)).status).toBe(404);
  }, 120_000);
});

import { describeWith } from "../../support/requires";
import { fillDemoSite, missingWordPress, startTestSite, TestSite } from "../../support/wordpress";
import { ask, begin, call, exported, forge, Forged, framesOf, ImportState, MAGIC } from "./plugin-client";
import { CONTENT, fingerprint, OPTIONS } from "./plugin-sites";

describeWith(missingWordPress(), "custom-migrator in WordPress, of archives that nobody vouches for", () => {
  let source: TestSite;
  let target: TestSite;
  let archive: Buffer;

  beforeAll(async () => {
    [source, target] = await Promise.all([startTestSite(OPTIONS), startTestSite(OPTIONS)]);
    await fillDemoSite(source, { posts: 7, pixels: 16 });
    archive = await exported(source.url, CONTENT);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([source, target].map((site) => site.stop()));
  }, 30_000);

  const manifest: Forged = {
    type: "M",
    head: {
      site: {
        ...{ home: "https://evil.example", siteurl: "https://evil.example", uploads_url: "https://evil.example/u" },
        ...{ prefix: "x_", wordpress: "7.1", db_version: 1, charset: "UTF-8", theme: "t", php: "8.2" },
      },
      tables: [],
      most: { rows: 10, files: 10, bytes: 1000 },
    },
  };
  const file = (scope: string, path: string, more: object = {}, body = "x"): Forged => ({
    type: "F",
    head: { scope, path, size: body.length, offset: 0, ...more },
    body: Buffer.from(body),
  });
  const LANGUAGES = file("languages", "de.mo");
  const table = (name: string): Forged[] => [
    { ...manifest, head: { ...manifest.head, tables: [name] } },
    { type: "T", head: { table: name, columns: [{ name: "id", type: "bigint" }], keys: [] } },
  ];
  it.each<[string, string, Forged[]]>([
    ["a path out of its folder", "ARCHIVE_PATH", [manifest, file("uploads", "../../evil.txt")]],
    ["PHP in uploads", "ARCHIVE_FILE_TYPE", [manifest, file("uploads", "evil.php")]],
    ["rules for the web server in uploads", "ARCHIVE_FILE_TYPE", [manifest, file("uploads", "x/.htaccess")]],
    ["a must-use plugin", "ARCHIVE_SCOPE", [manifest, file("mu-plugins", "evil.php")]],
    ["a symbolic link", "ARCHIVE_HEAD", [manifest, file("uploads", "link", { link: "/etc/passwd" })]],
    ["the plugin itself", "IMPORT_SCOPE", [manifest, file("plugins", "custom-migrator/custom-migrator.php")]],
    ["a file that nobody asked for", "IMPORT_SCOPE", [manifest, LANGUAGES]],
    ["more bytes than were promised", "ARCHIVE_TOTAL_SIZE", [manifest, file("uploads", "big", {}, "x".repeat(2000))]],
    [
      "a promise beyond all bounds",
      "ARCHIVE_TOO_LARGE",
      [{ ...manifest, head: { ...manifest.head, most: { rows: 0, files: 1e9, bytes: 1 } } }],
    ],
    ["users that nobody asked for", "IMPORT_SCOPE", table("users")],
    ["the plugin's own tables", "IMPORT_SCOPE", table("cm_import")],
    ["a table's name that leaves its quotes", "ARCHIVE_TABLE", table("a` ; DROP TABLE wp_posts; -- ")],
  ])(
    "[CLONE-06] refuses %s, and nothing is changed",
    async (_, code, frames) => {
      const job = "hostile-1";
      const scopes = frames.at(-1)?.head === LANGUAGES.head ? ["uploads"] : CONTENT;
      const before = await fingerprint(target);
      await begin(target.url, { job, scopes });
      const { status, json } = await call(target.url, "PUT", `import?job=${job}`, forge(frames));
      expect([status, json.code]).toEqual([422, code]);
      expect((await call(target.url, "POST", "finish", { job })).status).toBe(409);
      await ask(target.url, "POST", "rollback", { job });
      expect(await fingerprint(target)).toEqual(before);
    },
    30_000,
  );

  it("[CLONE-06] refuses a broken checksum, and takes the right bytes afterwards", async () => {
    const job = "broken-1";
    await begin(target.url, { job, scopes: CONTENT });
    const broken = Buffer.from(archive);
    broken[archive.length - 10] = broken[archive.length - 10]! ^ 1;
    expect((await call(target.url, "PUT", `import?job=${job}`, broken)).json.code).toBe("ARCHIVE_CHECKSUM");
    const { next } = (await ask(target.url, "GET", `import?job=${job}`)) as ImportState;
    const rest = framesOf(archive).filter(({ type, number }) => type !== "S" && number >= next);
    const state = (await ask(
      target.url,
      "PUT",
      `import?job=${job}`,
      Buffer.concat([...(next === 0 ? [MAGIC] : []), ...rest.map(({ bytes }) => bytes)]),
    )) as ImportState;
    expect(state.phase).toBe("received");
    await ask(target.url, "POST", "rollback", { job });
  }, 60_000);
});

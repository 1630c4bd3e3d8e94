import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomInt } from "node:crypto";
import { describeWith } from "../../support/requires";
import { fillDemoSite, missingWordPress, startTestSite, TestSite } from "../../support/wordpress";
import { ask, begin, call, exported, finish, framesOf, ImportState, KEY, MAGIC, transfer } from "./plugin-client";
import { ADMIN, CONTENT, fingerprint, OPTIONS, tablesOf } from "./plugin-sites";

// Each question is a WordPress that starts; on a busy machine that takes seconds.
jest.setTimeout(60_000);

describeWith(missingWordPress(), "custom-migrator in WordPress", () => {
  let source: TestSite;
  let target: TestSite;
  let archive: Buffer;

  beforeAll(async () => {
    [source, target] = await Promise.all([startTestSite(OPTIONS), startTestSite(OPTIONS)]);
    await fillDemoSite(source, { posts: 7, pixels: 16 });
    await source.evaluate(`update_option( 'nested', array( 'urls' => array( home_url( '/a' ), serialize( array( home_url() ) ) ), 'flag' => true ) );
      return null;`);
    writeFileSync(join(source.content, "uploads", "bad.php"), "<?php");
    symlinkSync("/etc/passwd", join(source.content, "uploads", "link.txt"));
    archive = await exported(source.url, CONTENT);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([source.stop(), target.stop()]);
  }, 30_000);

  it("[CLONE-06] asks for a key, and tells nothing without", async () => {
    for (const key of [null, "", "short", `${KEY}x`]) {
      for (const [method, route] of [
        ["GET", "status"],
        ["POST", "export"],
        ["PUT", "import?job=j"],
        ["POST", "reset"],
      ] as const) {
        const { status, json } = await call(target.url, method, route, undefined, key);
        expect([status, json.code]).toEqual([401, "MIGRATOR_KEY"]);
      }
    }
  });

  it("[CLONE-06] makes keys for administrators alone, keeps their hashes, and takes them until they expire", async () => {
    const { status, json } = await call(target.url, "POST", "key", {}, null);
    expect([status, json.code]).toEqual([403, "MIGRATOR_USER"]);
    const key = (await target.evaluate(`return Custom_Migrator_Keys::make();`)) as { key: string };
    expect((await call(target.url, "GET", "status", undefined, key.key)).status).toBe(200);
    const stored = (await target.evaluate(`return get_option( 'custom_migrator_keys' );`)) as string;
    expect(stored).not.toContain(key.key);
    await target.evaluate(
      `update_option( 'custom_migrator_keys', str_replace( '"expires":1', '"expires":', $input['stored'] ) ); return null;`,
      { stored },
    );
    expect((await call(target.url, "GET", "status", undefined, key.key)).status).toBe(401);
  });

  it("[CLONE-06] answers JSON and archives alone, whatever notices other plugins cause", async () => {
    mkdirSync(join(source.content, "mu-plugins"), { recursive: true });
    const noisy = join(source.content, "mu-plugins", "z-noisy.php");
    writeFileSync(
      noisy,
      "<?php echo 'noise'; trigger_error( 'noise' ); add_action( 'init', function () { echo $x; } );",
    );
    try {
      expect((await ask(source.url, "GET", "status")).protocol).toBe(1);
      const { bytes } = await call(source.url, "POST", "export", { job: "noisy", scopes: ["users"], ticket: null });
      expect(framesOf(bytes).at(-1)?.type).toBe("E");
    } finally {
      writeFileSync(noisy, "<?php");
    }
  });

  it("[CLONE-06] costs a visitor's page a handful of its files", async () => {
    const read = `return array_filter( get_included_files(), fn( $file ) => strpos( $file, '/custom-migrator/includes/' ) );`;
    const files = Object.values(await source.evaluate(read));
    expect(files.length).toBeGreaterThan(2);
    expect(files.length).toBeLessThan(10);
  });

  it("[CLONE-06] puts a ticket behind each frame but the last, and goes on from any of them", async () => {
    const frames = framesOf(archive);
    expect(frames.map(({ type }) => type === "S").slice(0, -1)).toEqual(
      frames.slice(0, -1).map((_, index) => index % 2 === 1),
    );
    for (const index of [1, 3, frames.length - 2]) {
      const { bytes } = await call(source.url, "POST", "export", {
        job: "export-1",
        scopes: CONTENT,
        ticket: frames[index]!.body.toString(),
      });
      // Tickets and all: what WordPress does meanwhile, such as its own transients, isn't copied here.
      expect(framesOf(bytes)[0]!.bytes.equals(frames[index + 1]!.bytes)).toBe(true);
      expect(framesOf(bytes).at(-1)?.type).toBe("E");
    }
    const forged = await call(source.url, "POST", "export", {
      job: "export-1",
      scopes: ["users"],
      ticket: frames[1]!.body.toString(),
    });
    expect([forged.status, forged.json.code]).toEqual([400, "EXPORT_TICKET"]);
  });

  it("[CLONE-06] leaves out links and programs in uploads, and says so", () => {
    const frames = framesOf(archive);
    const paths = frames.filter(({ type }) => type === "F").map(({ head }) => `${head.scope}/${head.path}`);
    expect(paths).not.toContain("uploads/bad.php");
    expect(paths).not.toContain("uploads/link.txt");
    expect(frames.at(-1)?.head.left_out).toMatchObject({ links: 1, refused: 1 });
  });

  it("[CLONE-07] restores content, media and options with right URLs, keeps users and secrets, and goes back", async () => {
    writeFileSync(join(target.content, "uploads-keeper"), "");
    mkdirSync(join(target.content, "uploads", "paid"), { recursive: true });
    writeFileSync(join(target.content, "uploads", "paid", ".htaccess"), "Deny from all");
    writeFileSync(join(target.content, "uploads", "before.txt"), "before");
    const before = await fingerprint(target);
    const users = await target.evaluate(`return get_users( array( 'fields' => 'user_pass' ) );`);
    const state = await transfer(source.url, target.url, { job: "restore-1", scopes: [...CONTENT, "options"] });
    expect(state).toMatchObject({ phase: "swapped", ended: true });
    expect(state.problems).toEqual(expect.arrayContaining([{ code: "LEFT_OUT_LINKS", count: 1 }]));

    const page = await (await fetch(`${target.url}/`)).text();
    expect(page).toContain("Harbour");
    expect(page).not.toContain(source.url);
    expect(await target.evaluate(`return get_option( 'nested' );`)).toEqual({
      urls: [`${target.url}/a`, `a:1:{i:0;s:${target.url.length}:"${target.url}";}`],
      flag: true,
    });
    for (const { head } of framesOf(archive).filter(({ type, head }) => type === "F" && head.scope === "uploads")) {
      expect(
        readFileSync(join(target.content, "uploads", head.path)).equals(
          readFileSync(join(source.content, "uploads", head.path)),
        ),
      ).toBe(true);
    }
    expect(await target.evaluate(`return get_users( array( 'fields' => 'user_pass' ) );`)).toEqual(users);
    expect(existsSync(join(target.content, "uploads", "before.txt"))).toBe(false);
    expect(readFileSync(join(target.content, "uploads", "paid", ".htaccess"), "utf8")).toBe("Deny from all");

    // Whoever asks for it later comes by a key of after the restore, which must go on to work.
    const { key } = (await target.evaluate(`return Custom_Migrator_Keys::make();`)) as { key: string };
    const back = await call(target.url, "POST", "rollback", { job: "restore-1" }, key);
    expect([back.status, back.json.phase]).toEqual([200, "rolled-back"]);
    expect((await call(target.url, "GET", "status", undefined, key)).status).toBe(200);
    expect(await fingerprint(target)).toEqual(before);
    expect((await tablesOf(target)).filter((name) => /cm_[no]\d/.test(name))).toEqual([]);
    // As often as one likes.
    expect(await ask(target.url, "POST", "rollback", { job: "restore-1" })).toMatchObject({ phase: "rolled-back" });
  }, 120_000);

  it("[CLONE-06] resumes from a cut at any place, with what the importer knows", async () => {
    const job = "resume-1";
    const small = await exported(source.url, ["uploads", "themes"], job);
    await begin(target.url, { job, scopes: ["uploads", "themes"] });
    const frames = framesOf(small);
    let at = 0;
    while (at < frames.length) {
      // Some frames, and behind them one that is cut in its middle or broken.
      const count = Math.min(1 + 2 * randomInt(6), frames.length - at);
      const whole = frames.slice(at, at + count).map(({ bytes }) => bytes);
      const next = frames[at + count]?.bytes;
      const magic = at === 0 ? MAGIC : Buffer.alloc(0);
      const cut = next === undefined ? Buffer.alloc(0) : next.subarray(0, randomInt(next.length));
      const { status, json } = await call(
        target.url,
        "PUT",
        `import?job=${job}`,
        Buffer.concat([magic, ...whole, cut]),
      );
      if (cut.length > 0) expect([status, json.code]).toEqual([422, "ARCHIVE_CUT"]);
      const state = (await ask(target.url, "GET", `import?job=${job}`)) as ImportState;
      if (state.ended) break;
      // Where the ticket leads is where the importer wants to go on.
      if (state.ticket !== null)
        expect(frames.find(({ body }) => body.toString() === state.ticket)?.number).toBe(state.next);
      at = state.next === 0 ? 0 : frames.findIndex(({ type, number }) => type !== "S" && number === state.next);
    }
    expect((await finish(target.url, job)).totals.files).toBe(frames.filter(({ type }) => type === "F").length);
    await ask(target.url, "POST", "rollback", { job });
  }, 120_000);

  it("[CLONE-06] refuses frames at a wrong place with where it stands, other imports, and an early end", async () => {
    const job = "order-1";
    await begin(target.url, { job, scopes: CONTENT });
    expect((await call(target.url, "POST", "finish", { job })).json.code).toBe("IMPORT_INCOMPLETE");
    const frames = framesOf(archive);
    const early = await call(target.url, "PUT", `import?job=${job}`, frames[2]!.bytes);
    expect([early.status, early.json.code, early.json.data.state.next]).toEqual([409, "IMPORT_PLACE", 0]);
    await ask(
      target.url,
      "PUT",
      `import?job=${job}`,
      Buffer.concat([MAGIC, ...frames.slice(0, 6).map(({ bytes }) => bytes)]),
    );
    const again = await call(target.url, "PUT", `import?job=${job}`, Buffer.concat([MAGIC, frames[0]!.bytes]));
    expect([again.status, again.json.code, again.json.data.state.next]).toEqual([409, "IMPORT_PLACE", 3]);
    // The same job is found; another one, or the same with other scopes, is not taken.
    expect((await begin(target.url, { job, scopes: CONTENT })).next).toBe(3);
    for (const other of [
      { job: "other", scopes: CONTENT },
      { job, scopes: ["users"] },
    ]) {
      await expect(begin(target.url, other)).rejects.toThrow(/409.*IMPORT_BUSY/s);
    }
    const both = await Promise.all(
      [1, 2].map(() =>
        call(target.url, "PUT", `import?job=${job}`, Buffer.concat(frames.slice(6, 20).map(({ bytes }) => bytes))),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await call(target.url, "GET", "import?job=nobody")).json.code).toBe("IMPORT_UNKNOWN");
    await ask(target.url, "POST", "rollback", { job });
    expect((await call(target.url, "GET", `import?job=${job}`)).json.code).toBe("IMPORT_UNKNOWN");
  }, 60_000);

  it("[CLONE-06] keeps no password of a clone's administrator, only its hash", async () => {
    const job = "sealed-1";
    await begin(target.url, { job, mode: "clone", admin: ADMIN });
    await begin(target.url, { job, mode: "clone", admin: ADMIN });
    const rows = (await target.evaluate(
      `global $wpdb; return implode( "\n", $wpdb->get_col( "SELECT data FROM {$wpdb->prefix}cm_import" ) );`,
    )) as string;
    expect(rows).toContain(ADMIN.username);
    expect(rows).toContain("password_hash");
    expect(rows).not.toContain(JSON.stringify(ADMIN.password).slice(1, -1));
    await ask(target.url, "POST", "rollback", { job });
  });

  it("[WARM-05] resets to nothing: no tables, no folders, no keys", async () => {
    await begin(target.url, { job: "reset-1", scopes: CONTENT, admin: ADMIN });
    await target.evaluate(`update_option( 'custom_migrator_clone', '{}' ); return null;`);
    await target.evaluate(`Custom_Migrator_Keys::make();
      Custom_Migrator_Kept_Mail::keep( 'ann@shop.example', 'Order 7', '', 'Thank you', array() );
      Custom_Migrator_Login_Link::create();
      update_option( 'custom_migrator_switched_on', '["pay/pay.php"]' );
      return null;`);
    expect(await tablesOf(target)).toEqual(expect.arrayContaining(["wp_cm_login", "wp_cm_mail"]));
    await ask(target.url, "POST", "reset", {});
    expect((await tablesOf(target)).filter((name) => name.includes("cm_"))).toEqual([]);
    expect(existsSync(join(target.content, "custom-migrator"))).toBe(false);
    expect(
      await target.evaluate(
        `return array_values( preg_grep( '~^custom_migrator~', array_keys( wp_load_alloptions() ) ) );`,
      ),
    ).toEqual(["custom_migrator_clone"]);
    expect(await target.evaluate(`return get_option( 'custom_migrator_keys' );`)).toBe(false);
  }, 30_000);
});

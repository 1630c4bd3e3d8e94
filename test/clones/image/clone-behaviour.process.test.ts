/** A clone on real WordPress, beside a site that is none: what the one does, the other doesn't. */
import { describeWith } from "../../support/requires";
import { missingWordPress, TestSite } from "../../support/wordpress";
import { get, logIn, MailSink, startSite } from "./behaviour-sites";

// Each look into a site is a PHP process of its own, on machines that do much else.
jest.setTimeout(60_000);

const STRIPE = "woocommerce-gateway-stripe/woocommerce-gateway-stripe.php";
const RECORD = { of: "https://shop.example/de", ends: 1_900_000_000, admin: "admin" };

/** Plugins that a source may have: each of them does what a clone must not. */
const plugins = (sink: number) => ({
  "by-smtp/by-smtp.php": `add_action( 'phpmailer_init', function ( $m ) { $m->isSMTP(); $m->Host = '127.0.0.1'; $m->Port = ${sink}; $m->Timeout = 5; } );`,
  "by-filter/by-filter.php": `add_filter( 'pre_wp_mail', function ( $answer ) {
    if ( null === $answer ) { fclose( fsockopen( '127.0.0.1', ${sink} ) ); return false; }
    return $answer;
  } );`,
  "seo/seo.php": `add_filter( 'pre_option_blog_public', function () { return '1'; } );
    add_filter( 'wp_robots', function () { return array( 'index' => true ); }, 9999 );
    add_action( 'send_headers', function () { header( 'X-Robots-Tag: all' ); } );
    add_filter( 'robots_txt', function () { return 'Allow: /'; } );`,
  "nightly/nightly.php": "add_action( 'nightly', function () { update_option( 'nightly_ran', 1 ); } );",
  [STRIPE]: "define( 'STRIPE_RUNS', true );",
});

describeWith(missingWordPress(), "a clone", () => {
  const sink = new MailSink();
  let clone: TestSite;
  let source: TestSite;
  beforeAll(async () => {
    const port = await sink.start();
    [clone, source] = await Promise.all([
      startSite({ CLONE_NAME: "clone-1" }, plugins(port)),
      startSite({}, plugins(port)),
    ]);
    await clone.evaluate("update_option( 'custom_migrator_clone', wp_json_encode( $input ) );", RECORD);
    // By itself the source's own mailer would come first.
    await source.evaluate(
      "require_once ABSPATH . 'wp-admin/includes/plugin.php'; deactivate_plugins( 'by-filter/by-filter.php' );",
    );
  }, 120_000);
  afterAll(async () => {
    await Promise.all([clone.stop(), source.stop(), sink.stop()]);
  });
  beforeEach(() => {
    sink.connections = 0;
  });

  describe("keeps mail", () => {
    const send =
      "return wp_mail( array( 'a@b.example', 'c@b.example' ), $input['subject'], 'Read <b>this</b>', 'X-Kind: order' );";

    it("[CLONE-06] that its source would have sent, and tells the sender that it went", async () => {
      expect(await source.evaluate(send, { subject: "Order" })).toBe(false);
      expect(sink.connections).toBe(1);
      sink.connections = 0;
      expect(await clone.evaluate(send, { subject: "Order <script>1</script>" })).toBe(true);
      expect(sink.connections).toBe(0);
      const [mail] = await clone.evaluate(
        "return array_map( function ( $m ) { return Custom_Migrator_Kept_Mail::one( $m->id ); }, Custom_Migrator_Kept_Mail::all() );",
      );
      expect(mail).toMatchObject({
        recipients: "a@b.example, c@b.example",
        subject: "Order <script>1</script>",
        headers: "X-Kind: order",
        body: "Read <b>this</b>",
      });
    });

    it("[CLONE-06] of a plugin that has a way of its own to send, and sends by WordPress' mailer", async () => {
      // As such a plugin's wp_mail() does it.
      const own = `
        require_once ABSPATH . WPINC . '/PHPMailer/PHPMailer.php';
        require_once ABSPATH . WPINC . '/PHPMailer/SMTP.php';
        require_once ABSPATH . WPINC . '/PHPMailer/Exception.php';
        $mailer = new PHPMailer\\PHPMailer\\PHPMailer( true );
        $mailer->setFrom( 'shop@shop.example' );
        $mailer->addAddress( 'd@b.example' );
        $mailer->addBCC( 'hidden@b.example' );
        $mailer->Subject = 'By myself';
        $mailer->Body    = 'Hello';
        do_action_ref_array( 'phpmailer_init', array( &$mailer ) );
        try { return $mailer->send(); } catch ( Exception $error ) { return 'refused'; }`;
      expect([await source.evaluate(own), sink.connections]).toEqual(["refused", 1]);
      sink.connections = 0;
      expect([await clone.evaluate(own), sink.connections]).toEqual(["refused", 0]);
      const [mail] = await clone.evaluate("return Custom_Migrator_Kept_Mail::all();");
      expect(mail).toMatchObject({ subject: "By myself", recipients: "d@b.example, hidden@b.example" });
    });

    it("[CLONE-06] for its administrators to read and to delete, as text alone", async () => {
      const admin = await logIn(clone);
      const list = await admin("/wp-admin/tools.php?page=custom-migrator-mail");
      expect(list.text).toContain("Order &lt;script&gt;1&lt;/script&gt;");
      expect(list.text).not.toContain("<script>1");
      const id = /page=custom-migrator-mail(?:&amp;|&#038;)mail=(\d+)">Order/.exec(list.text)?.[1] ?? "";
      const one = await admin(`/wp-admin/tools.php?page=custom-migrator-mail&mail=${id}`);
      expect(one.text).toContain("Read &lt;b&gt;this&lt;/b&gt;");

      const nonce = /name="_wpnonce" value="([0-9a-f]+)"/.exec(list.text)?.[1] ?? "";
      const body = (values: Record<string, string>) =>
        new URLSearchParams({ action: "custom_migrator_delete_mail", mail: id, ...values });
      const count = async () =>
        ((await clone.evaluate("return Custom_Migrator_Kept_Mail::all();")) as unknown[]).length;
      const before = await count();
      const remove = async (by: typeof admin, values: Record<string, string>) =>
        (await by("/wp-admin/admin-post.php", { method: "POST", body: body(values) })).status;
      expect(await remove(admin, {})).toBe(403);
      expect(await remove((path, more) => get(clone, path, more), { _wpnonce: nonce })).not.toBe(200);
      expect(await count()).toBe(before);
      expect(await remove(admin, { _wpnonce: nonce })).toBe(302);
      expect(await count()).toBe(before - 1);
    });

    it("[CLONE-06] for nobody else to read: links that set passwords are in it", async () => {
      await clone.evaluate(
        "wp_insert_user( array( 'user_login' => 'editor', 'user_pass' => 'editor', 'user_email' => 'e@b.example', 'role' => 'editor' ) );",
      );
      const cookie = (await clone.evaluate(`
        $id = get_user_by( 'login', 'editor' )->ID;
        $until = time() + 600;
        $token = WP_Session_Tokens::get_instance( $id )->create( $until );
        return AUTH_COOKIE . '=' . wp_generate_auth_cookie( $id, $until, 'auth', $token ) . '; ' . LOGGED_IN_COOKIE . '=' . wp_generate_auth_cookie( $id, $until, 'logged_in', $token );`)) as string;
      const dashboard = await get(clone, "/wp-admin/", { headers: { cookie } });
      expect(dashboard.status).toBe(200);
      expect(dashboard.text).not.toContain("Kept mail");
      expect((await get(clone, "/wp-admin/tools.php?page=custom-migrator-mail", { headers: { cookie } })).status).toBe(
        403,
      );
    });

    it("[CLONE-06] within bounds of number and size, the newest first", async () => {
      await clone.evaluate("for ( $i = 0; $i < 210; $i++ ) wp_mail( 'a@b.example', \"Number $i\", 'x' );");
      const subjects = async () =>
        ((await clone.evaluate("return Custom_Migrator_Kept_Mail::all();")) as { subject: string }[]).map(
          ({ subject }) => subject,
        );
      expect(await subjects()).toEqual(Array.from({ length: 200 }, (_, index) => `Number ${209 - index}`));
      const bytes = await clone.evaluate(`
        for ( $i = 0; $i < 80; $i++ ) wp_mail( 'a@b.example', "Long $i", str_repeat( 'ä', 200000 ) );
        global $wpdb;
        return array( (int) $wpdb->get_var( "SELECT SUM(LENGTH(body)) FROM {$wpdb->prefix}cm_mail" ), Custom_Migrator_Kept_Mail::all()[0]->subject );`);
      expect(bytes[0]).toBeLessThanOrEqual(8 * 1024 * 1024);
      expect(bytes[0]).toBeGreaterThan(1024 * 1024);
      expect(bytes[1]).toBe("Long 79");
    });
  });

  it("[CLONE-06] runs nothing by the clock, whoever asks", async () => {
    const due = "wp_schedule_single_event( time() - 60, 'nightly' );";
    const ran = "wp_cache_flush(); return get_option( 'nightly_ran', 0 );";
    for (const site of [source, clone]) {
      await site.evaluate(due);
      await get(site, "/wp-cron.php?doing_wp_cron");
    }
    expect([await source.evaluate(ran), await clone.evaluate(ran)]).toEqual(["1", 0]);
    const shop = `return array( DISABLE_WP_CRON, apply_filters( 'action_scheduler_queue_runner_concurrent_batches', 5 ),
      apply_filters( 'action_scheduler_allow_async_request_runner', true ), apply_filters( 'woocommerce_webhook_should_deliver', true ) );`;
    expect(await clone.evaluate(shop)).toEqual([true, 0, false, false]);
  });

  it("[CLONE-06] is found by no search engine, whatever a plugin wants", async () => {
    const pages = await Promise.all([source, clone].map(async (site) => await get(site, "/")));
    const meta = pages.map(({ text }) => /<meta name='robots' content='([^']*)'/.exec(text)?.[1]);
    expect(meta).toEqual(["index", "noindex, nofollow"]);
    expect(pages[1]!.headers.get("x-robots-tag")).toContain("noindex");
    expect((await get(clone, "/wp-login.php")).headers.get("x-robots-tag")).toContain("noindex");
    expect((await get(clone, "/?rest_route=/")).headers.get("x-robots-tag")).toContain("noindex");
    expect((await get(clone, "/?robots=1")).text).toBe("User-agent: *\nDisallow: /\n");
    expect(await clone.evaluate("return array( get_option( 'blog_public' ), wp_get_environment_type() );")).toEqual([
      "0",
      "staging",
    ]);
    expect(await source.evaluate("return array( get_option( 'blog_public' ), wp_get_environment_type() );")).toEqual([
      "1",
      "production",
    ]);
  });

  it("[CLONE-06] doesn't run what takes money, until somebody activates it there, and says so", async () => {
    const runs = "return defined( 'STRIPE_RUNS' );";
    expect([await source.evaluate(runs), await clone.evaluate(runs)]).toEqual([true, false]);
    const admin = await logIn(clone);
    const rows = async () => (await admin("/wp-admin/plugins.php")).text;
    expect(await rows()).toContain("Switched off on this clone.");
    const activate = /plugins\.php\?action=activate&amp;plugin=woocommerce-gateway-stripe[^"]*/
      .exec(await rows())![0]
      .replaceAll("&amp;", "&");
    expect((await admin(`/wp-admin/${activate}`)).status).toBe(302);
    expect(await clone.evaluate(runs)).toBe(true);
    expect(await rows()).toContain("Activated by hand on this clone.");
    await clone.evaluate(
      "require_once ABSPATH . 'wp-admin/includes/plugin.php'; deactivate_plugins( $input['file'] ); activate_plugin( 'seo/seo.php' );",
      { file: STRIPE },
    );
    expect(await clone.evaluate(runs)).toBe(false);
    expect(await rows()).not.toContain("Activated by hand");
  });

  it("[CLONE-06] says in the admin what it is a clone of, and when it ends", async () => {
    const admin = await logIn(clone);
    const page = (await admin("/wp-admin/index.php")).text;
    expect(page).toContain("This is a clone of shop.example/de; it ends at 2030-03-17 17:46");
    expect(page).toContain("wp-admin-bar-custom-migrator-clone");
    expect((await get(source, "/")).text).not.toContain("custom-migrator-clone");
  });

  it("[WARM-05] shows nothing and lets nobody log in while it waits in the pool for its content", async () => {
    const warm = await startSite({ CLONE_NAME: "warm-1", WARM_POOL_MODE: "true" }, {});
    try {
      const status = async () =>
        await Promise.all(["/", "/wp-login.php", "/?rest_route=/"].map(async (path) => (await get(warm, path)).status));
      expect(await status()).toEqual([503, 503, 200]);
      await warm.evaluate("update_option( 'custom_migrator_clone', '{}' );");
      expect(await status()).toEqual([200, 200, 200]);
    } finally {
      await warm.stop();
    }
  });
});

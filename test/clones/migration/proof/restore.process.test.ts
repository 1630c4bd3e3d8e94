import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RestoreRequest } from "../../../../clones/migration/site-migrator";
import { describeWith } from "../../../support/requires";
import { missingWordPress, TestSite } from "../../../support/wordpress";
import { restoreRequest, signal } from "../support";
import { NamedSite, newMigrator, SMALL_HOST, startSource, startTarget } from "./sites";
import { State, stateOf } from "./state";
import { copied } from "./true-copy";

/** Rows as they are, past WordPress's functions, which write more than one. */
const CHANGE = `global $wpdb;
$wpdb->update( $wpdb->posts, array( 'post_content' => 'Written on the clone: ' . home_url( '/new/' ) ), array( 'ID' => $input['post'] ) );
$wpdb->insert( $wpdb->postmeta, array( 'post_id' => $input['post'], 'meta_key' => 'by', 'meta_value' => 'clone' ) );
$wpdb->query( "DELETE FROM $wpdb->comments WHERE comment_ID = 1" );
update_option( 'blogdescription', 'Since today' );
update_option( 'shop_api_key', 'the clone\\'s' );
$wpdb->update( $wpdb->users, array( 'user_pass' => 'the clone\\'s', 'user_email' => 'clone@demo.example' ), array( 'ID' => 1 ) );
return true;`;
const SETTINGS = `$kept = array(
	'mailserver_url' => 'mail.demo.example', 'wp_mail_smtp' => array( 'smtp' => array( 'pass' => 'm' ) ), 'admin_email' => 'owner@demo.example',
	'shop_api_key' => 'live', 'woocommerce_stripe_settings' => array( 'secret' => 'live' ), 'upload_path' => '', 'blog_public' => '1',
);
foreach ( $kept as $name => $value ) { update_option( $name, $value ); }
return true;`;
const KEPT = `global $wpdb; $options = array();
foreach ( array( 'siteurl', 'home', 'admin_email', 'mailserver_url', 'wp_mail_smtp', 'shop_api_key', 'woocommerce_stripe_settings', 'blog_public', 'custom_migrator_clone' ) as $name ) {
	$options[ $name ] = get_option( $name );
}
return array( $options, $wpdb->get_results( "SELECT * FROM $wpdb->users ORDER BY ID" ), wp_salt( 'auth' ) );`;
const ORDER = `global $wpdb; $wpdb->insert( $wpdb->prefix . 'demo_shop_orders', array( 'customer' => 'New', 'receipt' => '' ) ); return $wpdb->insert_id;`;
const READ = "return array( get_post( $input['post'] )->post_content, get_option( 'blogdescription' ) );";

describeWith(
  missingWordPress(),
  "[CLONE-07] a restore brings the clone's work, and leaves production what is production's",
  () => {
    const scopes = ["content", "uploads", "plugins", "themes", "options"] as const;
    const post = 7;
    let production: NamedSite;
    let clone: NamedSite;
    let before: State;
    let kept: unknown;

    beforeAll(async () => {
      [production, clone] = await Promise.all([startSource({ ini: SMALL_HOST }), startTarget({})]);
      await production.site.evaluate(SETTINGS);
      await copied(production, clone);
      kept = await production.site.evaluate(KEPT);
      before = await stateOf(production.site);
      await clone.site.evaluate(CHANGE, { post });
      changeFiles(clone.site);
    }, 120_000);
    afterAll(() => Promise.all([production, clone].map(({ site }) => site.stop())), 30_000);

    const request = (more: Partial<RestoreRequest> = {}) =>
      restoreRequest(clone.access, production.access, { scopes, ...more });
    const changes = (added: number, changed: number, removed: number) => ({ added, changed, removed });

    it("tells in a dry run exactly what was changed on the clone, and changes nothing", async () => {
      const plan = await newMigrator().plan(request());
      expect(plan.conflicts).toEqual([]);
      expect(plan.details).toEqual({
        content: changes(1, 1, 1),
        uploads: changes(1, 1, 1),
        plugins: changes(1, 0, 0),
        themes: changes(0, 1, 0),
        options: changes(0, 1, 0),
      });
      expect(await stateOf(production.site)).toEqual(before);
    }, 60_000);

    it("brings it, keeps users, passwords, keys, address and mail settings, and goes back to exactly what was", async () => {
      const asked = request();
      await newMigrator().restore(asked);
      expect(await production.site.evaluate(READ, { post })).toEqual([
        `Written on the clone: ${production.site.url}/new/`,
        "Since today",
      ]);
      expect(await production.site.evaluate(KEPT)).toEqual(kept);
      await newMigrator().undoRestore(asked.jobId, production.access, signal);
      expect(await stateOf(production.site)).toEqual(before);
    }, 60_000);

    it("is refused with each thing that changed on production meanwhile, and is made by force", async () => {
      const order = (await production.site.evaluate(ORDER)) as number;
      writeFileSync(join(production.site.content, "uploads", "invoice.txt"), "Nr. 1");
      const changed = await stateOf(production.site);
      const conflicts = [`demo_shop_orders ${order}`, "uploads invoice.txt"];
      const told = (await newMigrator().plan(request())).conflicts;
      expect([...told].sort()).toEqual(
        conflicts.map((one) => `${one} was added on the target since the clone was made`),
      );
      await expect(newMigrator().restore(request())).rejects.toMatchObject({
        code: "RESTORE_CONFLICT",
        retryable: false,
      });
      expect(await stateOf(production.site)).toEqual(changed);
      await newMigrator().restore(request({ force: true }));
      expect(await production.site.evaluate(READ, { post })).toMatchObject({ 1: "Since today" });
      expect(await production.site.evaluate(KEPT)).toEqual(kept);
    }, 90_000);
  },
);

function changeFiles({ content }: TestSite): void {
  const month = join(content, "uploads", new Date().toISOString().slice(0, 7).replace("-", "/"));
  writeFileSync(join(month, "new.txt"), "new");
  writeFileSync(join(month, "price-list.txt"), "Lamp 50.00\n");
  rmSync(join(month, "picture-1.png"));
  writeFileSync(join(content, "plugins", "small.php"), "<?php // Plugin Name: Small\n");
  writeFileSync(join(content, "themes", "twentytwentyfour", "readme.txt"), "Changed");
}

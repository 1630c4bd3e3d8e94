import type { SiteAccess } from "../../../clones/migration/site-migrator";
import { describeWith } from "../../support/requires";
import { fillDemoSite, missingWordPress, startTestSite, TestSite } from "../../support/wordpress";
import { accessOf, copyRequest, newMigrator, restoreRequest, signal, startClone } from "./support";

const TITLE = "return get_post( $input['id'] )->post_title;";
const RETITLE = "wp_update_post( array( 'ID' => $input['id'], 'post_title' => $input['title'] ) ); return true;";
const ADD = "return wp_insert_post( array( 'post_title' => $input['title'], 'post_status' => 'publish' ) );";
const FIRST = "return get_posts( array( 'numberposts' => 1, 'orderby' => 'ID', 'order' => 'ASC' ) )[0]->ID;";
const PASSWORDS =
  'global $wpdb; return $wpdb->get_results( "SELECT user_login, user_pass FROM $wpdb->users ORDER BY ID" );';

describeWith(missingWordPress(), "[CLONE-07] a restore of a real WordPress", () => {
  const migrator = newMigrator();
  let production: TestSite;
  let clone: { readonly site: TestSite; readonly access: SiteAccess };
  let target: SiteAccess;
  let id: number;
  let before: string;
  let passwords: unknown;

  const titleOf = async (site: TestSite) => (await site.evaluate(TITLE, { id })) as string;
  const frontOf = async (site: TestSite) => await (await fetch(`${site.url}/`)).text();

  beforeAll(async () => {
    [production, clone] = await Promise.all([startTestSite(), startClone()]);
    await fillDemoSite(production, { posts: 5, pixels: 16 });
    target = accessOf(production);
    id = (await production.evaluate(FIRST)) as number;
    before = await titleOf(production);
    passwords = await production.evaluate(PASSWORDS);
    await migrator.copy(copyRequest(target, clone.access));
  }, 120_000);
  afterAll(() => Promise.all([production, clone.site].map((site) => site.stop())));

  it("plans nothing where nothing was changed", async () => {
    const plan = await migrator.plan(restoreRequest(clone.access, target));
    expect(plan.conflicts).toEqual([]);
    expect(Object.values(plan.changes)).toEqual([0, 0, 0, 0, 0]);
  }, 60_000);

  it("tells what it would change, and changes nothing by that", async () => {
    await clone.site.evaluate(RETITLE, { id, title: "Written on the clone" });
    const plan = await migrator.plan(restoreRequest(clone.access, target));
    expect(plan.conflicts).toEqual([]);
    expect(plan.details?.content?.changed).toBeGreaterThan(0);
    expect(await titleOf(production)).toBe(before);
  }, 60_000);

  it("brings the clone's work to the target, whose users stay, and takes it back when asked to", async () => {
    const request = restoreRequest(clone.access, target);
    await migrator.restore(request);
    expect(await titleOf(production)).toBe("Written on the clone");
    expect(await production.evaluate(PASSWORDS)).toEqual(passwords);
    expect(await frontOf(production)).not.toContain(clone.site.url);
    await newMigrator().undoRestore(request.jobId, target, signal);
    expect(await titleOf(production)).toBe(before);
    await newMigrator().undoRestore(request.jobId, target, signal);
    expect(await frontOf(production)).toContain("</html>");
    // As a job that is tried once more.
    await migrator.restore(request);
    expect(await titleOf(production)).toBe("Written on the clone");
    await migrator.undoRestore(request.jobId, target, signal);
    expect(await titleOf(production)).toBe(before);
  }, 120_000);

  it("touches nothing where the target changed, and names what", async () => {
    const added = (await production.evaluate(ADD, { title: "Order 7" })) as number;
    const plan = await migrator.plan(restoreRequest(clone.access, target));
    expect(plan.conflicts).toContain(`posts ${added} was added on the target since the clone was made`);
    await expect(migrator.restore(restoreRequest(clone.access, target))).rejects.toMatchObject({
      code: "RESTORE_CONFLICT",
      retryable: false,
    });
    expect(await titleOf(production)).toBe(before);
  }, 120_000);

  it("overwrites that by force", async () => {
    await migrator.restore(restoreRequest(clone.access, target, { force: true }));
    expect(await titleOf(production)).toBe("Written on the clone");
  }, 120_000);
});

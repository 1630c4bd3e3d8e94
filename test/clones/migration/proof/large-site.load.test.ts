import { join } from "node:path";
import { MariaDb, missingMariaDb, startMariaDb } from "../../../support/mariadb-server";
import { describeWith } from "../../../support/requires";
import { missingWordPress } from "../../../support/wordpress";
import { filesIn } from "./content";
import { Cost, costOfCopy, costOfRestore, LARGE, startSized } from "./sized-site";
import { DOMAIN } from "./web";

const MEGABYTE = 1024 * 1024;
const COUNT = `global $wpdb; return array_map( 'intval', array(
	$wpdb->get_var( "SELECT COUNT(*) FROM $wpdb->posts WHERE post_name LIKE 'entry-%'" ),
	$wpdb->get_var( "SELECT COUNT(*) FROM $wpdb->posts WHERE post_content LIKE '%{$input['word']}%' OR guid LIKE '%{$input['word']}%'" ),
	$wpdb->get_var( "SELECT COUNT(*) FROM $wpdb->postmeta WHERE meta_value LIKE '%{$input['word']}%'" ),
) );`;
const CHANGE = `global $wpdb; $wpdb->query( "UPDATE $wpdb->posts SET post_title = 'Changed' WHERE ID = 1000" ); return true;`;
const TITLE = "return get_post( 1000 )->post_title;";

describeWith(
  missingWordPress() ?? missingMariaDb(),
  "[CLONE-06] [CLONE-07] a site with 5,000 posts and 2,000 media files of 500 MB, between hosts of 128 MB, 30 s and posts of 8 MB",
  () => {
    let database: MariaDb;
    let sites: Awaited<ReturnType<typeof startSized>>;

    beforeAll(async () => {
      database = await startMariaDb();
      sites = await startSized(LARGE, { database }, { database });
    }, 300_000);
    afterAll(async () => {
      await sites.stop();
      await database.stop();
    }, 60_000);

    it("is cloned as a whole, and needs no more memory on either side, nor of the service, than a small one", async () => {
      const { source, target } = sites;
      const cost = await costOfCopy(source, target);
      tell("cloned", cost);
      hold(cost);
      expect(await target.site.evaluate(COUNT, { word: DOMAIN })).toEqual([LARGE.posts + LARGE.files, 0, 0]);
      const uploads = filesIn(join(source.site.content, "uploads"));
      expect(Object.keys(uploads).length).toBeGreaterThan(LARGE.files);
      expect(filesIn(join(target.site.content, "uploads"))).toEqual(uploads);
    }, 600_000);

    it("is restored as a whole within the same limits", async () => {
      const { source, target } = sites;
      await target.site.evaluate(CHANGE);
      const uploads = filesIn(join(source.site.content, "uploads"));
      const cost = await costOfRestore(target, source);
      tell("restored", cost);
      hold(cost);
      expect(await source.site.evaluate(TITLE)).toBe("Changed");
      expect(filesIn(join(source.site.content, "uploads"))).toEqual(uploads);
    }, 600_000);
  },
);

function tell(what: string, cost: Cost): void {
  process.stderr.write(`${what}: ${JSON.stringify(cost)}\n`);
}

/** Of the 128 MB, all but a quarter is left to the site's own plugins. */
function hold({ source, target, service }: Cost): void {
  for (const { bytes, seconds } of [source, target]) {
    expect(bytes).toBeLessThan(32 * MEGABYTE);
    expect(seconds).toBeLessThan(30);
  }
  expect(service.heap).toBeLessThan(128 * MEGABYTE);
  expect(service.rss).toBeLessThan(320 * MEGABYTE);
}

/** Whether a site that was filled serves what it was filled with. */
import { z } from "zod";
import type { Clock } from "../provisioner/clock";
import { jsonOf } from "./answers";
import { bad, checkPage, visit, Visited } from "./page-check";
import { Page } from "./pages";
import { patiently } from "./patience";
import { routeUrl } from "./plugin-api";
import type { SiteClient } from "./site-client";
import { MigrationError } from "./site-migrator";

export interface Verification {
  readonly client: SiteClient;
  readonly clock: Clock;
  readonly site: Visited;
  /** Addresses of where its content came from. */
  readonly foreign: readonly string[];
  /** Title of the front page there, as often as it can be asked for. @default nobody compares */
  readonly title?: readonly (() => Title)[];
  readonly signal: AbortSignal;
}

/** Nothing where visitors see no page. */
export type Title = Promise<string | undefined>;

const posts = z.array(z.object({ link: z.string() }));

/**
 * Front page, a post and the login page, by their content.
 *
 * @throws {MigrationError} SITE_PAGES
 */
export async function verify(call: Verification): Promise<void> {
  const front = await page(call, "");
  await checkTitle(front.title, call);
  const post = await pathOfPost(call);
  if (post !== undefined) await page(call, post);
  await page(call, "wp-login.php");
}

async function page({ client, clock, site, foreign, signal }: Verification, path: string): Promise<Page> {
  const urls = foreign.filter((url) => !isSameSite(url, site.publicUrl));
  const look = async () => checkPage(await visit(client, site, path, signal), site.publicUrl, { urls });
  return await patiently(look, clock, signal);
}

/** A title that is another with each look at the source tells nothing. */
async function checkTitle(title: string, { site, title: looks = [] }: Verification): Promise<void> {
  const seen = new Set<string | undefined>();
  for (const look of looks) seen.add(await look());
  const [expected] = seen;
  if (seen.size !== 1 || expected === undefined || expected === title) return;
  throw bad(site.publicUrl, `its title is ${JSON.stringify(title)} and not ${JSON.stringify(expected)}`);
}

async function pathOfPost({ client, site, signal }: Verification): Promise<string | undefined> {
  const { host } = new URL(site.publicUrl);
  const call = { headers: { host, accept: "application/json" }, signal };
  const answer = await client.ask(routeUrl(site.url.replace(/\/+$/, ""), "wp/v2/posts&per_page=1&_fields=link"), call);
  const link = posts.safeParse(jsonOf(answer)).data?.[0]?.link;
  if (link === undefined || !URL.canParse(link)) return undefined;
  const { pathname, search } = new URL(link);
  return `${pathname}${search}`;
}

function isSameSite(one: string, other: string): boolean {
  const [first, second] = [new URL(one), new URL(other)];
  return first.host === second.host && first.pathname.replace(/\/+$/, "") === second.pathname.replace(/\/+$/, "");
}

/** What visitors see as the title of a site's front page; nothing if they see no page. */
export async function titleOf(client: SiteClient, site: Visited, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { status, text } = await visit(client, site, "", signal);
    return status === 200 ? new Page(text).title : undefined;
  } catch (error) {
    if (error instanceof MigrationError) return undefined;
    throw error;
  }
}

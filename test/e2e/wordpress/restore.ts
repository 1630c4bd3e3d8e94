/** What happens between a clone and the shop: a change, a dry run, the restore, and its way back. */
import { logIn, logInBy } from "../../support/wordpress-login";
import type { Frame, Step } from "../world";
import { Caller, told } from "./caller";
import type { Clone } from "./clones";
import { throughIngress } from "./ingress";
import type { Shop } from "./shop";

/** What the story writes into a clone, and looks for where it mustn't be. */
export const CANARY = "Written into the clone alone 4711";

/** Who is there once the steps before have passed. */
export interface Cast {
  readonly shop: Shop;
  readonly api: Caller;
  readonly clone: Clone;
}

/**
 * The clone keeps the change.
 *
 * @param made the step that made the clone
 * @returns the step that changed it
 */
export async function playRestore(frame: Frame, cast: () => Cast, made: Step): Promise<Step> {
  let post!: { readonly id: number; readonly title: string };
  let restored!: string;
  const target = () => ({ url: cast().shop.url, ...cast().shop.owner });
  const titleInShop = async () => {
    const { url, base, owner } = cast().shop;
    const { rest } = await logIn(url, owner, throughIngress(base, url));
    return String((await rest("GET", `/wp/v2/posts/${post.id}&context=edit`)).title.raw);
  };
  const changed = await frame.step(
    "Its owner logs in by the link and changes a post",
    ["CLONE-06"],
    async () => {
      const { job, url: home, send } = cast().clone;
      const { rest } = await logInBy(String(job.login_url), home, send);
      const [first] = await rest("GET", "/wp/v2/posts&per_page=1&context=edit");
      post = { id: first.id, title: first.title.raw };
      await rest("POST", `/wp/v2/posts/${post.id}`, { title: CANARY });
      return `post ${post.id}, once "${post.title}"`;
    },
    { needs: [made] },
  );
  const source = () => ({ clone_id: cast().clone.id });
  const tried = await frame.step(
    "A dry run tells what a restore would change, and changes nothing",
    ["CLONE-07"],
    async () => {
      const wish = { source: source(), target: target(), scopes: ["content"], dry_run: true };
      const { body, seconds } = await cast().api.done("POST", "/api/v2/restore", wish);
      const { changes, conflicts } = body.result;
      if (!(changes.content > 0) || conflicts.length > 0) throw new Error(JSON.stringify(body.result));
      if ((await titleInShop()) !== post.title) throw new Error("the shop's post is another");
      return `${changes.content} changes, no conflict, ${told(seconds)}`;
    },
    { needs: [changed] },
  );
  const put = await frame.step(
    "The restore brings it to the shop",
    ["CLONE-07"],
    async () => {
      const wish = { source: source(), target: target(), scopes: ["content"] };
      const { id, seconds } = await cast().api.done("POST", "/api/v2/restore", wish);
      restored = id;
      if ((await titleInShop()) !== CANARY) throw new Error(`the shop has "${await titleInShop()}"`);
      return `the shop has the clone's title, ${told(seconds)}`;
    },
    { needs: [tried] },
  );
  await frame.step(
    "Rolled back, the shop is as it was",
    ["CLONE-07"],
    async () => {
      const { seconds } = await cast().api.done("POST", `/api/v2/jobs/${restored}/rollback`, {
        target: cast().shop.owner,
      });
      if ((await titleInShop()) !== post.title) throw new Error(`the shop has "${await titleInShop()}"`);
      return `the shop has its own title, ${told(seconds)}`;
    },
    { needs: [put] },
  );
  return changed;
}

import { Agent } from "undici";
import { compare } from "../../../clones/migration/comparison";
import { PluginApi } from "../../../clones/migration/plugin-api";
import { SiteClient } from "../../../clones/migration/site-client";
import { json, Reply, StandInServer } from "./plugin-stand-in";

type Line = readonly [string, string, string];

const STATUS = {
  protocol: 1,
  plugin: "1.0.0",
  wordpress: "6.8",
  home: "",
  siteurl: "",
  limits: { post_bytes: 1 },
  totals: { tables: 0, rows: 0, files: 0, bytes: 0 },
};

describe("[CLONE-07] the comparison before a restore", () => {
  const dispatcher = new Agent();
  const servers: StandInServer[] = [];
  const { signal } = new AbortController();
  const clock = { now: () => new Date(0), sleep: () => Promise.resolve() };
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
  afterAll(() => dispatcher.close());

  /** A site that tells its lists two lines at a time. */
  async function site(lists: Readonly<Record<string, readonly Line[]>>, more: { clone?: boolean; reply?: Reply } = {}) {
    const server = await StandInServer.start(({ what, body }) => {
      if (what === "GET status") return json({ ...STATUS, clone: more.clone ?? false });
      if (more.reply !== undefined) return more.reply;
      const { of, ticket } = JSON.parse(body.toString()) as { of: string; ticket: string | null };
      const list = lists[of] ?? [];
      const from = Number(ticket ?? 0);
      const last = from + 2 >= list.length ? { end: true } : { ticket: String(from + 2) };
      const lines = [...list.slice(from, from + 2), last].map((line) => JSON.stringify(line));
      return { body: `${lines.join("\n")}\n` };
    });
    servers.push(server);
    return new PluginApi(new SiteClient(dispatcher), clock, server.url, "key");
  }

  const before: readonly Line[] = [
    ["posts", "1", "a"],
    ["posts", "2", "b"],
    ["users", "1", "c"],
    ["uploads", "2024/é.jpg", "d"],
  ];

  it("counts by scope what the clone's owner did, and names what happened on the target", async () => {
    const copy = before.map(([name, key, hash]): Line => [name, key, `copied-${hash}`]);
    const clones: readonly Line[] = [copy[0]!, ["posts", "2", "written"], copy[2]!, ["posts", "9", "new"]];
    const source = await site({ base: before, copy, site: clones }, { clone: true });
    const target = await site({ site: [before[0]!, ["posts", "2", "x"], before[2]!, ["shop_orders", "7", "new"]] });
    const plan = await compare(source, target, ["content", "uploads", "users"], signal);
    expect(plan.details).toEqual({
      content: { added: 1, changed: 1, removed: 0 },
      uploads: { added: 0, changed: 0, removed: 1 },
      users: { added: 0, changed: 0, removed: 0 },
    });
    expect(plan.changes).toEqual({ content: 2, uploads: 1, users: 0 });
    expect(plan.conflicts).toEqual([
      "posts 2 was changed on the target since the clone was made",
      "shop_orders 7 was added on the target since the clone was made",
      "uploads 2024/é.jpg was removed on the target since the clone was made",
    ]);
  });

  it("tells 200 conflicts, and how many more there are", async () => {
    const source = await site({}, { clone: true });
    const many = Array.from({ length: 230 }, (_, index): Line => ["posts", String(index), "x"]);
    const { conflicts } = await compare(source, await site({ site: many }), ["content"], signal);
    expect(conflicts).toHaveLength(201);
    expect(conflicts.at(-1)).toBe("30 more things were changed on the target since the clone was made");
  });

  it("counts everything of what is no clone, finds no conflict, and says why", async () => {
    const plan = await compare(await site({ site: before }), await site({ site: [] }), ["content"], signal);
    expect(plan).toMatchObject({ changes: { content: 2, users: 1, uploads: 1 }, conflicts: [] });
    expect(plan.notes?.join()).toMatch(/no clone/);
  });

  it.each([
    ["is cut off", { body: '["posts","1","a"]\n' }],
    ["has a message of PHP in it", { body: '["posts","1","a"]\n<b>Fatal error</b>\n' }],
    ["has lines of another form", { body: '["posts",{"a":1},"a"]\n{"end":true}\n' }],
    ["has a line without end", { body: "x".repeat(200_000) }],
  ])("believes no list that %s", async (_, reply) => {
    const source = await site({}, { clone: true, reply });
    await expect(compare(source, await site({}), ["content"], signal)).rejects.toMatchObject({
      code: "SITE_LIST",
      retryable: true,
    });
  });
});

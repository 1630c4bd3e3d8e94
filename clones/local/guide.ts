/** What `npm run clones:local` tells a newcomer: the five-minute tour, in commands to copy. */
import type { DemoSite } from "./demo/demo-site";

export interface GuideOptions {
  readonly url: string;
  readonly key: string;
  /** Where everything is kept. */
  readonly folder: string;
  /** Left out if it couldn't be started. */
  readonly demo?: Pick<DemoSite, "url" | "username" | "password">;
}

/** Minutes that the tour's clone lives: long enough to look at it, short enough to see its end. */
const MINUTES = 3;

export function guide({ url, key, folder, demo }: GuideOptions): string {
  const post = (path: string, body: string) =>
    `  curl ${url}${path} -H "Authorization: Bearer $CLONES_API_KEY" -H 'Content-Type: application/json' -d '${body}'`;
  const get = (path: string) => `  curl ${url}${path} -H "Authorization: Bearer $CLONES_API_KEY"`;
  const { url: source, username, password } = demo ?? { url: "https://example.com", username: "…", password: "…" };
  const access = { username, password };
  const wish = { source_url: source, source_username: username, source_password: password, customer_id: "tour" };
  return [
    `The clone service: ${url}/ (console), ${url}/docs (its API)`,
    `  key             ${key}`,
    ...(demo === undefined
      ? []
      : [`The demo site, a small shop to clone: ${source}/`, `  user, password  ${username}, ${password}`]),
    `Everything is kept in ${folder}. Ctrl-C ends it; the next start brings all of it back.`,
    "",
    `The tour, in another terminal or by the console. Clone the site for ${MINUTES} minutes:`,
    `  export CLONES_API_KEY=${key}`,
    post("/api/v2/clone", JSON.stringify({ ...wish, ttl_minutes: MINUTES })),
    "Follow the job by the id that it answers, until it tells where the clone is, and who may log in:",
    get("/api/v2/job-status/JOB"),
    "Look at the clone, log in, change something. Then see what bringing it back would change, and do it without dry_run:",
    post(
      "/api/v2/restore",
      JSON.stringify({
        source: { clone_id: "CLONE" },
        target: { url: source, ...access },
        scopes: ["content"],
        dry_run: true,
      }),
    ),
    `After ${MINUTES} minutes the clone is gone; until then it is in the list:`,
    get("/api/v2/clones"),
    "",
  ].join("\n");
}

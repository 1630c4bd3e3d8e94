/** Sites that behave as clones, or don't, and how to visit them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, Server } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { startTestSite, TestSite } from "../../support/wordpress";

/** Counts what tries to send mail. */
export class MailSink {
  connections = 0;
  private readonly server: Server = createServer((socket) => {
    this.connections += 1;
    socket.on("error", () => undefined).resume();
    socket.end("554 no\r\n");
  });

  async start(): Promise<number> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await new Promise((done) => this.server.close(done));
  }
}

export async function startSite(
  environment: Record<string, string>,
  plugins: Readonly<Record<string, string>> = {},
): Promise<TestSite> {
  const site = await startTestSite({
    plugin: "mu",
    environment,
    // As the official image's wp-config.php has it.
    constants: { WP_DEBUG: false },
  });
  for (const [file, code] of Object.entries(plugins)) {
    mkdirSync(join(site.content, "plugins", file, ".."), { recursive: true });
    writeFileSync(join(site.content, "plugins", file), `<?php\n/* Plugin Name: ${file} */\n${code}`);
  }
  await site.evaluate("update_option( 'active_plugins', $input );", Object.keys(plugins).sort());
  return site;
}

export async function get(site: TestSite, path: string, more: RequestInit = {}) {
  const response = await fetch(path.startsWith("http") ? path : site.url + path, { redirect: "manual", ...more });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export const newLink = async (site: TestSite, user?: string): Promise<{ url: string; expires: number }> =>
  await site.evaluate("return Custom_Migrator_Login_Link::create( $input['user'] );", { user: user ?? null });

export const refusal = async (site: TestSite, call: string): Promise<string> =>
  await site.evaluate(
    `try { ${call}; } catch ( Custom_Migrator_Error $error ) { return $error->name(); } return 'none';`,
  );

/** A session of the clone's admin, by a link. */
export async function logIn(
  site: TestSite,
  user?: string,
): Promise<(path: string, more?: RequestInit) => ReturnType<typeof get>> {
  const { headers } = await get(site, (await newLink(site, user)).url);
  const cookie = headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  return async (path, more = {}) => await get(site, path, { ...more, headers: { cookie } });
}

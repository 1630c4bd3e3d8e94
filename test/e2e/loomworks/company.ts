/** One company's Odoo, as its people reach it: by the stand-in's pages, behind the Service. */
import { request } from "undici";
import { LOOMWORKS_SECRETS } from "../../../constructs/contract";
import { ODOO } from "../../../constructs/loomworks/odoo-pod";
import type { World } from "../world";
import type { Written } from "./writer";

const TIMEOUT_MILLISECONDS = 10_000;

/** What rows there are. */
export interface Rows {
  readonly count: number;
  /** Highest number; null where there is none. */
  readonly last: number | null;
}

export class Company {
  private constructor(
    /** Its database, and the first part of its host. */
    readonly name: string,
    private readonly base: string,
    private readonly host: string,
  ) {}

  static async of(world: World): Promise<Company> {
    const { namespace, domain, odoo } = world.settings.loomworks;
    const base = await world.reach(namespace, ODOO.name, ODOO.httpPort);
    return new Company(odoo.firstDatabase, base, `${odoo.firstDatabase}.${domain}`);
  }

  async write(number: number): Promise<Written> {
    return (await this.ask("POST", `/visits?number=${number}`)) as Written;
  }

  async rows(): Promise<Rows> {
    return (await this.ask("GET", "/visits")) as Rows;
  }

  /** Name of the attachment that Odoo makes of a text. */
  async attach(text: string): Promise<string> {
    return ((await this.ask("POST", "/attachments", text)) as { name: string }).name;
  }

  /** Has some pod take a share of a core for so long. */
  async burn(seconds: number, share: number): Promise<void> {
    await this.ask("POST", `/burn?seconds=${seconds}&share=${share}`);
  }

  private async ask(method: "GET" | "POST", path: string, body?: string): Promise<unknown> {
    const timeouts = { headersTimeout: TIMEOUT_MILLISECONDS, bodyTimeout: TIMEOUT_MILLISECONDS };
    const options = {
      method,
      headers: { host: this.host },
      reset: true,
      ...(body !== undefined && { body }),
      ...timeouts,
    };
    const answer = await request(`${this.base}${path}`, options);
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 200)}`);
    return JSON.parse(text);
  }
}

/** As whom Odoo logs in now. */
export async function loginOf(world: World): Promise<string> {
  const { username = "" } = await world.secret(world.settings.loomworks.namespace, LOOMWORKS_SECRETS.odoo.name);
  return username;
}

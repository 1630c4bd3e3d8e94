/** Who goes through the trouble: a customer's clone, a company that works in Odoo, and an operator with a key. */
import { CoreV1Api } from "@kubernetes/client-node";
import { POSTGRES } from "../../../constructs/loomworks/postgres";
import { eventually } from "../../cluster";
import { Company } from "../loomworks/company";
import { Installation } from "../loomworks/installation";
import { Writer } from "../loomworks/writer";
import type { Caller } from "../wordpress/caller";
import { Clone, cloneOf, lookAt, untilGone } from "../wordpress/clones";
import { newCaller } from "../wordpress/operator";
import { freePod } from "../wordpress/pool";
import { closeShop, openShop, Shop, untilShopClosed } from "../wordpress/shop";
import type { World } from "../world";
import { untilWell } from "./system";

const CUSTOMER = "golf";

/** Longer than the trouble lasts. */
const MINUTES = 60;

const WELL_MILLISECONDS = 90_000;

const END_MILLISECONDS = 60_000;

const LOG_LINES = 100;

export class Cast {
  readonly installation: Installation;

  private constructor(
    private readonly world: World,
    readonly shop: Shop,
    readonly api: Caller,
    /** In a pod that waited, which nobody makes anew. */
    readonly clone: Clone,
    readonly writer: Writer,
    private readonly company: string,
  ) {
    this.installation = new Installation(world);
  }

  static async assemble(world: World): Promise<Cast> {
    await untilWell(world, WELL_MILLISECONDS);
    const [shop, api] = await Promise.all([newShop(world), newCaller(world), freePod(world)]);
    const clone = await cloneOf(shop, api, world, { customer: CUSTOMER, minutes: MINUTES });
    if (clone.warmPod === "") throw new Error(`${clone.id} started cold`);
    await lookAt(clone, shop);
    const company = await Company.of(world);
    const { last } = await company.rows();
    const writer = new Writer((number) => company.write(number), last ?? 0);
    return new Cast(world, shop, api, clone, writer, company.name);
  }

  /** Returns when all of it is as well as before: pods, the clone's page, the API, and a row that was written since. */
  async untilWell(): Promise<void> {
    const { clone, shop, api, writer } = this;
    await untilWell(this.world, WELL_MILLISECONDS);
    const well = async (what: string, look: () => Promise<boolean>) =>
      await eventually(look, { what, timeoutMs: WELL_MILLISECONDS, intervalMs: 500 });
    await well(`the page of ${clone.id}`, async () => {
      await lookAt(clone, shop);
      return true;
    });
    await well("the API ready", async () => (await api.call("GET", "/readyz")).body.status === "ready");
    await well("a row written", async () => {
      const { number } = await writer.mark();
      const failure = writer.failures.find((failed) => failed.number === number);
      if (failure !== undefined) throw new Error(failure.reason);
      return true;
    });
  }

  /** The last lines of PostgreSQL's own log. */
  async databaseLog(): Promise<string> {
    const { namespace } = this.world.settings.loomworks;
    const of = { namespace, name: `${POSTGRES.name}-0`, container: POSTGRES.name, tailLines: LOG_LINES };
    return await this.world.cluster.config.makeApiClient(CoreV1Api).readNamespacedPodLog(of);
  }

  /** @returns how many rows were said to be written @throws {Error} with those of them that aren't there */
  async account(): Promise<number> {
    const { before, tried, failures } = this.writer;
    const failed = new Set(failures.map(({ number }) => number));
    const numbers = Array.from({ length: tried }, (_, index) => before + 1 + index);
    const said = numbers.filter((number) => !failed.has(number));
    const sql = `SELECT string_agg(number::text, ',') FROM visits WHERE number > ${before}`;
    const there = new Set((await this.installation.query(sql, this.company)).split(",").map(Number));
    const lost = said.filter((number) => !there.has(number));
    if (lost.length > 0) throw new Error(`${lost.length} rows are lost, the first is ${lost[0]}`);
    return said.length;
  }

  /** Ends the clone and closes the shop. */
  async leave(): Promise<void> {
    await this.writer.end();
    await this.api.done("DELETE", `/api/v2/delete/${this.clone.id}`);
    await untilGone(this.clone, this.world, END_MILLISECONDS);
    await closeShop(this.world);
  }
}

/** The story may have had one before. */
async function newShop(world: World): Promise<Shop> {
  await untilShopClosed(world);
  return await openShop(world);
}

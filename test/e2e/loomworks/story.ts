/** The Loomworks half of the story: a company works in Odoo all the time, and loses nothing by whatever is done meanwhile. */
import { BACKUP } from "../../../constructs/loomworks/backup";
import { BACKUP_EXPORTER } from "../../../constructs/loomworks/backup-exporter";
import { DRILL } from "../../../constructs/loomworks/drill";
import { ODOO } from "../../../constructs/loomworks/odoo-pod";
import { LOOMWORKS_SECRETS } from "../../../constructs/contract";
import { eventually } from "../../cluster";
import { samplesOf } from "../../support/published-metrics";
import type { Frame, Step, World } from "../world";
import { scaleUp } from "./autoscaling";
import { Company, loginOf } from "./company";
import { Copy } from "./copy";
import { Installation } from "./installation";
import { fewestWhile } from "./readiness";
import { Moment, Writer } from "./writer";

/** The kubelet brings a changed Secret within a minute and a half, and the server makes its login after that. */
const ROTATION_MILLISECONDS = 300_000;

export async function loomworksStory(frame: Frame, world: World): Promise<void> {
  await new LoomworksStory(frame, world).play();
}

class LoomworksStory {
  private readonly installation: Installation;
  /** Each is there for the steps that need the one which made it. */
  private company!: Company;
  private writer!: Writer;
  private moment!: Moment;

  constructor(
    private readonly frame: Frame,
    private readonly world: World,
  ) {
    this.installation = new Installation(world);
  }

  async play(): Promise<void> {
    const up = await this.playStart();
    const writing = await this.frame.step(
      "A company works in Odoo, one row after the other",
      ["LOOM-01", "LOOM-08"],
      () => this.startWriter(),
      { needs: [up] },
    );
    const needs = [writing];
    await this.playFiles(needs);
    const backedUp = await this.playBackup(needs);
    await this.playRestore([backedUp]);
    await this.playRotation(needs);
    await this.playScaling(needs);
    await this.playDrill([backedUp]);
    await this.playEnd(needs);
  }

  private async playStart(): Promise<Step> {
    const proves = ["LOOM-01", "LOOM-02", "LOOM-03", "LOOM-12"];
    return await this.frame.step("PostgreSQL and Odoo serve, over TLS alone, with an archive", proves, async () => {
      const { installation, world } = this;
      const { minReplicas } = world.settings.loomworks.odoo;
      const pods = await eventually(
        async () => {
          const ready = await installation.readyOdoo();
          return ready.length >= minReplicas ? ready : undefined;
        },
        { what: `${minReplicas} ready pods of Odoo`, timeoutMs: 120_000 },
      );
      const plain = await installation.query(
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL AND NOT ssl",
      );
      if (plain !== "0") throw new Error(`${plain} sessions over the network without TLS`);
      await this.archived();
      return `${pods.length} pods of Odoo, no session in the clear, WAL in the archive`;
    });
  }

  private async startWriter(): Promise<string> {
    this.company = await Company.of(this.world);
    const { last } = await this.company.rows();
    this.writer = new Writer((number) => this.company.write(number), last ?? 0);
    await this.writer.mark();
    const [failure] = this.writer.failures;
    if (failure !== undefined) throw new Error(failure.reason);
    return `database ${this.company.name}, as ${this.writer.lastLogin}`;
  }

  private async playFiles(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "Every pod of Odoo has what one of them was sent",
      ["LOOM-05"],
      async () => {
        const text = `sent at ${new Date().toISOString()}`;
        const name = await this.company.attach(text);
        const file = `${ODOO.dataFolder}/filestore/${this.company.name}/${name.slice(0, 2)}/${name}`;
        const pods = await this.installation.readyOdoo();
        for (const { metadata } of pods) {
          const seen = await this.installation.execute(this.installation.namespace, metadata.name, ODOO.name, [
            "cat",
            file,
          ]);
          if (seen !== text) throw new Error(`${metadata.name} has something else`);
        }
        return `${pods.length} pods`;
      },
      { needs },
    );
  }

  private async playBackup(needs: readonly Step[]): Promise<Step> {
    return await this.frame.step(
      "A backup is taken now, and verified",
      ["LOOM-14"],
      async () => {
        const { seconds, log } = await this.installation.runNow(BACKUP);
        for (const event of ["verified", "stored", "finished"]) {
          if (!log.includes(`"event":"${event}"`)) throw new Error(`it didn't say "${event}": ${log}`);
        }
        this.moment = await this.writer.mark();
        const [, bytes] = /"event":"stored".*?"bytes":(\d+)/.exec(log) ?? [];
        return `${bytes ?? "?"} bytes in ${seconds.toFixed(0)} s`;
      },
      { needs },
    );
  }

  private async playRestore(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "A moment of before comes back in a namespace of its own",
      ["LOOM-15"],
      async () => {
        const { number, time } = this.moment;
        // A recovery to a moment has to see a later row, to know that it is over.
        await this.writer.mark();
        await this.archived();
        const copy = new Copy(this.world, this.installation);
        try {
          const said = await copy.restore(time);
          const { before } = this.writer;
          const sql = `SELECT count(*), max(number) FROM visits WHERE number > ${before}`;
          const rows = await copy.query(sql, this.company.name);
          if (rows !== `${number - before}|${number}`)
            throw new Error(`row ${number} was the last one, and there is ${rows}`);
          const [, seconds = "?"] = / in (\d+) s:/.exec(said) ?? [];
          return `rows up to ${number} and none after, as of ${time.toISOString()}; recovered in ${seconds} s`;
        } finally {
          await copy.remove();
        }
      },
      { needs },
    );
  }

  private async playRotation(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "Odoo's password is rotated, its pods are rolled, and nobody notices",
      ["LOOM-03", "LOOM-07"],
      async () => {
        const { world, installation, writer } = this;
        const [before, rows, failed] = [await loginOf(world), writer.tried, writer.failures.length];
        const count = async () => (await installation.readyOdoo()).length;
        const [fewest, after] = await fewestWhile(count, async () => {
          await world.rotate(LOOMWORKS_SECRETS.odoo.name);
          const login = await loginOf(world);
          await eventually(() => writer.lastLogin === login, {
            what: `a row by ${login}`,
            timeoutMs: ROTATION_MILLISECONDS,
          });
          return login;
        });
        if (after === before) throw new Error("the login is the one of before");
        const { minReplicas } = world.settings.loomworks.odoo;
        if (fewest < minReplicas) throw new Error(`${fewest} pods were ready, of ${minReplicas}`);
        const lost = writer.failures.slice(failed);
        if (lost.length > 0) throw new Error(`${lost.length} rows failed, the first: ${lost[0]?.reason ?? ""}`);
        return `${writer.tried - rows} rows without a failure, never fewer than ${fewest} pods ready`;
      },
      { needs },
    );
  }

  private async playScaling(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "Odoo is busy, and gets another pod",
      ["LOOM-10"],
      async () => {
        const { from, to, percent } = await scaleUp(this.world, this.installation, this.company);
        await eventually(async () => (await this.installation.readyOdoo()).length > from, {
          what: `more than ${from} ready pods of Odoo`,
          timeoutMs: 120_000,
        });
        return `${from} to ${to} replicas at ${percent} % of the CPU that they ask for`;
      },
      { needs },
    );
  }

  private async playDrill(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "A drill proves that the backup comes back",
      ["LOOM-13", "LOOM-15"],
      async () => {
        const { seconds } = await this.installation.runNow(DRILL);
        const { name, metricsPort } = BACKUP_EXPORTER;
        const base = await this.world.reach(this.installation.namespace, name, metricsPort);
        const metrics = samplesOf(await (await fetch(`${base}/metrics`)).text());
        const { loomworks_drill_success: passed, loomworks_drill_rto_seconds: rto } = metrics;
        const { loomworks_drill_rpo_seconds: rpo } = metrics;
        if (passed !== 1 || rto === undefined || rpo === undefined)
          throw new Error("the exporter tells of no such drill");
        return `RTO ${rto} s, RPO ${rpo} s, by the exporter; the run took ${seconds.toFixed(0)} s`;
      },
      { needs },
    );
  }

  private async playEnd(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "No row was lost",
      ["LOOM-01"],
      async () => {
        const { writer } = this;
        await writer.end();
        const [failure] = writer.failures;
        if (failure !== undefined) {
          throw new Error(`${writer.failures.length} failed; row ${failure.number}: ${failure.reason}`);
        }
        const sql = `SELECT count(*), max(number) FROM visits WHERE number > ${writer.before}`;
        const rows = await this.installation.query(sql, this.company.name);
        const { tried, before } = writer;
        if (rows !== `${tried}|${before + tried}`) throw new Error(`${tried} rows were written, and there are ${rows}`);
        return `${tried} rows without a gap, none failed`;
      },
      { needs },
    );
  }

  /** Waits until the archive holds what was written until now. */
  private async archived(): Promise<void> {
    const segment = await this.installation.query("SELECT pg_walfile_name(pg_switch_wal())");
    const sql = `SELECT last_archived_wal >= '${segment}' FROM pg_stat_archiver`;
    await eventually(async () => (await this.installation.query(sql)) === "t", {
      what: `${segment} in the archive`,
      timeoutMs: 60_000,
      intervalMs: 500,
    });
  }
}

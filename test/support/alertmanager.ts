/** A real Alertmanager of the version that the pinned chart runs, and its tool that checks configurations. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { AlertChannels } from "../../infra/observability/alert-channels";
import { alertmanagerConfig, alertTemplates, TEMPLATES } from "../../infra/observability/alertmanager-config";
import { provide, whyNotAvailable } from "../cluster/build/builder";
import { eventually } from "../cluster/eventually";
import { Keeper, tailOf } from "../cluster/keeper";
import { freePorts, httpAnswers } from "../cluster/probe";
import type { Program } from "../cluster/programs/program";
import { VERSIONS } from "../cluster/versions";

const MODULE = "github.com/prometheus/alertmanager";

const program = (name: string, minutes: number, generated?: Record<string, string>): Program => ({
  name,
  version: VERSIONS.alertmanager,
  minutes,
  source: {
    module: MODULE,
    version: `v${VERSIONS.alertmanager}`,
    package: `${MODULE}/cmd/${name}`,
    ...(generated && { generated }),
  },
});

// Its page is compiled from Elm and TypeScript, and no module has it.
const alertmanager = program("alertmanager", 3, { "ui/app/dist/index.html": "" });
const amtool = program("amtool", 1);

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingAlertmanager(): string | undefined {
  return whyNotAvailable([alertmanager, amtool])?.message;
}

export class TestAlertmanager {
  private readonly keeper = new Keeper("loomworks-alertmanager-");
  private readonly configuration: string;
  private port = 0;

  private constructor(
    private readonly files: ReadonlyMap<Program, string>,
    channels: AlertChannels,
    secrets: Readonly<Record<string, string>>,
  ) {
    const folder = join(this.keeper.folder, "etc");
    const mounted = join(folder, "secrets/alert-channels");
    for (const path of [mounted, join(folder, "config")]) mkdirSync(path, { recursive: true });
    for (const [key, value] of Object.entries(secrets)) writeFileSync(join(mounted, key), value);
    writeFileSync(join(folder, "config", TEMPLATES), alertTemplates(channels));
    this.configuration = join(folder, "alertmanager.yaml");
    const config = alertmanagerConfig(channels, folder);
    writeFileSync(this.configuration, stringify(config));
  }

  /** @param secrets what the pod finds mounted, by key */
  static async of(channels: AlertChannels, secrets: Readonly<Record<string, string>>): Promise<TestAlertmanager> {
    return new TestAlertmanager(await provide([alertmanager, amtool]), channels, secrets);
  }

  /** Runs `amtool config …`; its output and exit code. */
  check(...args: string[]): { readonly status: number | null; readonly output: string } {
    const run = spawnSync(this.files.get(amtool)!, args, { encoding: "utf8", timeout: 20_000 });
    return { status: run.status, output: `${run.stdout}${run.stderr}` };
  }

  checkConfig() {
    return this.check("check-config", this.configuration);
  }

  /** Who is told of an alert with these labels. */
  receiverOf(...labels: string[]): string {
    return this.check("config", "routes", "test", `--config.file=${this.configuration}`, ...labels).output.trim();
  }

  /** Returns when it answers. */
  async start(): Promise<void> {
    const [port = 0] = await freePorts(1);
    this.port = port;
    const running = this.keeper.start("alertmanager", this.files.get(alertmanager)!, [
      `--config.file=${this.configuration}`,
      `--storage.path=${join(this.keeper.folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ]);
    await eventually(
      () => {
        if (!running.isRunning()) throw new Error(tailOf(running.log));
        return httpAnswers(`${this.url}/-/ready`);
      },
      { what: "an answer of Alertmanager" },
    );
  }

  /** What Prometheus sends. */
  async post(alerts: readonly object[]): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${this.url}/api/v2/alerts`, { method: "POST", headers, body: JSON.stringify(alerts) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async stop(): Promise<void> {
    await this.keeper.release();
  }

  private get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
}

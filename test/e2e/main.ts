/** `npm run e2e`: the whole system in real pods, from one command. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { runCommand } from "../../constructs/shared/cli";
import { Cluster, eventually, startCluster } from "../cluster";
import { whyNoPolicyEngine } from "../cluster/node/prerequisites";
import { provideImages } from "../images/provide";
import { REPOSITORY } from "../support/pulumi-project";
import { CommandLine, parseCommandLine, PartName, USAGE } from "./args";
import { loomworksStory } from "./loomworks/story";
import { Platform } from "./platform";
import { applyAgain, destroy } from "./platform/steps";
import { PlayedWorld } from "./played-world";
import { writeReport } from "./report";
import { StoryFrame } from "./story";
import { SIZED_VOLUMES } from "./trouble/filler";
import { troubleStory } from "./trouble/story";
import { wordpressStory } from "./wordpress/story";
import type { Step, Story } from "./world";

function storiesOf(options: CommandLine): Readonly<Record<PartName, Story>> {
  return {
    wordpress: (frame, world) => wordpressStory(frame, world, options),
    loomworks: loomworksStory,
    trouble: troubleStory,
  };
}

/** Would disturb all others, and so begins when they have ended. */
const LAST: PartName = "trouble";

const REPORT = join(REPOSITORY, "report", "e2e.json");

/** Whatever was started, to be ended the other way round. */
class Stage {
  cluster: Cluster | undefined;
  platform: Platform | undefined;
  world: PlayedWorld | undefined;

  async clear(): Promise<void> {
    await this.world?.end();
    await this.platform?.end();
    await this.cluster?.stop();
  }
}

async function main(): Promise<number> {
  const command = parseCommandLine(process.argv.slice(2), () => randomInt(1_000_000));
  if (command.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const began = new Date();
  const frame = new StoryFrame({ report: say });
  const stage = new Stage();
  say(`Seed ${command.seed}.`);
  try {
    await play(frame, stage, command);
    const seconds = (Date.now() - began.getTime()) / 1000;
    writeReport(REPORT, { began: began.toISOString(), seconds, seed: command.seed, steps: frame.played });
    process.stdout.write(`\n${frame.table()}\nAll of it took ${seconds.toFixed(0)} s.\n`);
    if (command.keep) await untilTold(stage);
  } finally {
    await stage.clear();
  }
  return frame.exitCode;
}

async function play(frame: StoryFrame, stage: Stage, command: CommandLine): Promise<void> {
  let archives: string[] = [];
  const images = await frame.step("Every image is there", [], async () => {
    const provided = process.env.KUBECONFIG_UNDER_TEST === undefined ? await provideImages(undefined, say) : [];
    archives = provided.map(({ archive }) => archive);
    return `${provided.length} archives, ${(provided.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(0)} MB`;
  });
  const cluster = await frame.step(
    "A cluster with a real node is there",
    [],
    async () => {
      const settings = { nodes: "real", controllers: ["kro"], sizedVolumes: SIZED_VOLUMES } as const;
      const enforcePolicies = whyNoPolicyEngine() === undefined;
      stage.cluster = await startCluster({ ...settings, enforcePolicies, images: archives, report: say });
      if (stage.cluster.external) return "that of KUBECONFIG_UNDER_TEST";
      const policies = enforcePolicies ? "NetworkPolicies enforced" : "NetworkPolicies not enforced";
      return `containerd, kubelet, DNS, metrics, KRO; ${policies}`;
    },
    { needs: [images] },
  );
  const platform = await bringUp(frame, stage, cluster, command);
  const served = await frame.step(
    "KRO serves the kinds of clones and copies",
    ["KRO-01"],
    async () => await servedKinds(stage.cluster!),
    { needs: [platform] },
  );
  if (stage.cluster === undefined || stage.platform === undefined || served.outcome !== "passed") return;
  await applyAgain(frame, stage.platform);
  const world = new PlayedWorld(stage.cluster, stage.platform, command.seed);
  stage.world = world;
  const stories = storiesOf(command);
  await Promise.all(command.parts.filter((part) => part !== LAST).map((part) => stories[part](frame, world)));
  if (command.parts.includes(LAST)) await stories[LAST](frame, world);
  if (!command.keep) await destroy(frame, stage.cluster, stage.platform);
}

async function bringUp(frame: StoryFrame, stage: Stage, cluster: Step, { by }: CommandLine): Promise<Step> {
  return await frame.step(
    "The platform is applied, and every wave of it ready",
    ["PLAT-10", "PLAT-11"],
    async () => {
      const options = { report: say, ...(by && { by }) };
      stage.platform = await Platform.bringUp(stage.cluster!, options);
      const pods = await stage.cluster!.client.list("v1", "Pod");
      return `${pods.length} pods in all namespaces`;
    },
    { needs: [cluster] },
  );
}

/** `pulumi up` doesn't wait for it, and nothing of the platform minds: what asks too early asks again. */
async function servedKinds({ client }: Cluster): Promise<string> {
  const what = "every ResourceGraphDefinition is active";
  const graphs = await eventually(
    async () => {
      const all = await client.list("kro.run/v1alpha1", "ResourceGraphDefinition");
      return all.length > 0 && all.every(({ status }) => status?.state === "Active") && all;
    },
    { what, timeoutMs: 60_000 },
  );
  return graphs.map(({ spec }) => String(spec.schema.kind)).join(", ");
}

async function untilTold(stage: Stage): Promise<void> {
  process.stdout.write(`\nexport KUBECONFIG=${stage.cluster?.kubeconfig ?? ""}\nCtrl-C ends it.\n`);
  // A timer keeps the process alive: what the cluster runs does not.
  const life = setInterval(() => undefined, 60_000);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), once(process, "SIGHUP")]);
  clearInterval(life);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

runCommand(main);

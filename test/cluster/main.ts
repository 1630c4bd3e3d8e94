import { once } from "node:events";
import { CommandLine, parseCommandLine, USAGE } from "./args";
import { provide, toStandardError } from "./build/builder";
import { startCluster } from "./cluster";
import { FOLDER_PREFIX } from "./control-plane";
import { endAll } from "./keeper";
import { CONTROL_PLANE, programsFor } from "./programs";

/** `npm run cluster`: a cluster to play with. */
async function main(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.help) process.stdout.write(USAGE);
  else if (command.command === "build") await build(command);
  else if (command.command === "stop") await stop();
  else await run(command);
}

async function stop(): Promise<void> {
  const folders = await endAll(FOLDER_PREFIX);
  process.stdout.write(folders.length === 0 ? "No cluster runs here.\n" : `Ended: ${folders.join(", ")}\n`);
}

async function build({ controllers, nodes }: CommandLine): Promise<void> {
  for (const [{ name, version }, file] of await provide(programsFor(controllers, nodes))) {
    process.stdout.write(`${name} ${version}: ${file}\n`);
  }
}

async function run({ nodes, controllers, audit, images }: CommandLine): Promise<void> {
  const started = Date.now();
  toStandardError("Starting …");
  const cluster = await startCluster({ nodes, controllers, audit, images });
  const programs = [...CONTROL_PLANE.map(({ name }) => name), ...controllers].join(", ");
  const lines = cluster.external
    ? [`KUBECONFIG_UNDER_TEST names a cluster: nothing was started.`]
    : [
        `Ready after ${((Date.now() - started) / 1000).toFixed(1)} s: ${programs}; ${nodes === "real" ? "this machine as a node" : `${nodes} fake nodes`}.`,
        `Logs are in ${cluster.folder ?? ""}/logs until it stops. Ctrl-C stops it.`,
      ];
  process.stdout.write([...lines, "", `export KUBECONFIG=${cluster.kubeconfig}`, ""].join("\n"));
  // A timer keeps the process alive: what the keeper runs does not.
  const life = setInterval(() => undefined, 60_000);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), once(process, "SIGHUP")]);
  clearInterval(life);
  toStandardError("Stopping …");
  await cluster.stop();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

/** The whole service and a site to clone, in one process, on one machine, with nothing else: `npm run clones:local`. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import { runCommand } from "../constructs/shared/cli";
import { InvalidInputError } from "../constructs/shared/problems";
import { readConfig, ServiceConfig } from "./config";
import { DemoSite, startDemoSite } from "./local/demo/demo-site";
import { guide } from "./local/guide";
import { DEFAULTS } from "./local/local-backend";
import { WordPressSites } from "./local/local-sites";
import { userCache, wordpressFiles } from "./local/wordpress-files";
import { choosePhp, preparePhp } from "./local/wordpress-site";
import { startEmbedded } from "./processes/embedded";
import { endSignal, Running, runUntilTold, together } from "./processes/lifetime";
import { systemClock } from "./provisioner/clock";
import { createLog } from "./telemetry/log";

const DEADLINE_MILLISECONDS = 15_000;
const say = (message: string) => console.log(message);

async function start(config: ServiceConfig, env: NodeJS.ProcessEnv, log: Logger): Promise<Running> {
  const cacheFolder = userCache(env);
  const folder = env.CLONES_FOLDER ?? join(cacheFolder, "loomworks-platform", "clones");
  const { limit, warm } = numbersOf(env);
  const php = choosePhp(env);
  const files = await wordpressFiles(cacheFolder, say);
  await preparePhp(php, cacheFolder, say);
  say(php === "native" ? "Sites run on this machine's PHP." : "Sites run on PHP in WebAssembly.");
  const sites = new WordPressSites({ files, php, cacheFolder, say });
  const running: Running[] = [];
  try {
    const demo = await startDemo({ folder: join(folder, "demo"), files, php, clock: systemClock, randomBytes });
    if (demo !== undefined) running.push(demo);
    const embedded = await startEmbedded(config, folder, { sites, limit, warm }, log);
    running.push(embedded);
    say(`\n${guide({ ...embedded, folder, ...(demo === undefined ? {} : { demo }) })}`);
    return { stop: together(running, log).stop };
  } catch (error) {
    await together(running, log).stop();
    throw error;
  }
}

/** The service is of use without it. */
async function startDemo(options: Parameters<typeof startDemoSite>[0]): Promise<DemoSite | undefined> {
  try {
    return await startDemoSite(options);
  } catch (error) {
    say(`There is no demo site: ${(error as Error).message}`);
    return undefined;
  }
}

function numbersOf(env: NodeJS.ProcessEnv) {
  const number = (name: string, fallback: number, least: number) => {
    const { success, data } = z.coerce
      .number()
      .int()
      .min(least)
      .max(100)
      .safeParse(env[name] ?? fallback);
    if (success) return data;
    const reason = `it is no number from ${least} to 100`;
    throw new InvalidInputError([
      { code: "SERVICE_CONFIG", path: name, value: env[name], reason, remedy: "Correct it, or leave it out" },
    ]);
  };
  return { limit: number("CLONE_LOCAL_LIMIT", DEFAULTS.limit, 1), warm: number("CLONE_LOCAL_WARM", DEFAULTS.warm, 0) };
}

if (require.main === module) {
  runCommand(async () => {
    const { env } = process;
    const config = readConfig({ HOST: "127.0.0.1", LOG_LEVEL: "warn", ...env }, []);
    const log = createLog({ service: "clones-local", level: config.LOG_LEVEL });
    const lifetime = { log, signal: endSignal(), deadlineMilliseconds: DEADLINE_MILLISECONDS };
    return await runUntilTold(lifetime, () => start(config, env, log));
  });
}

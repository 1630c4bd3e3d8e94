/** The clone image's entrypoint in a folder that stands for a container: real script and PHP, with stubs of what the official image has. */
import { ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { userCache, wordpressFiles } from "../../../clones/local/wordpress-files";

const IMAGE = resolve(__dirname, "../../../clones/image");
const STUBS = join(__dirname, "stubs");

export interface Ended {
  readonly code: number | null;
  /** What it said to people. */
  readonly said: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has said so far. */
  said(): string;
}

/** `/usr/src/wordpress` of the image, without what it has of plugins: made once for a suite. */
export async function imageSource(): Promise<string> {
  const { core, contentTemplate } = await wordpressFiles(userCache(), () => undefined);
  const folder = mkdtempSync(join(tmpdir(), "clone-image-"));
  cpSync(core, folder, { recursive: true });
  cpSync(contentTemplate, join(folder, "wp-content"), { recursive: true });
  cpSync(join(STUBS, "wp-config-docker.php"), join(folder, "wp-config-docker.php"));
  const plugins = join(folder, "wp-content/mu-plugins");
  cpSync(join(IMAGE, "custom-migrator"), join(plugins, "custom-migrator"), { recursive: true });
  cpSync(join(IMAGE, "wordpress/library/mu-plugin.php"), join(plugins, "custom-migrator.php"));
  return folder;
}

/** One container and its volume: it may be started again. */
export class Container {
  private readonly folder = mkdtempSync(join(tmpdir(), "clone-container-"));
  /** `/var/www/html`. */
  readonly html = join(this.folder, "html");
  private readonly log = join(this.folder, "log");
  private readonly bin = join(this.folder, "bin");
  private readonly running = new Set<ChildProcess>();

  /** @param source of {@link imageSource}; without, WordPress' files aren't laid out */
  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private readonly source?: string,
  ) {
    for (const folder of [this.html, this.bin, join(this.folder, "empty")]) mkdirSync(folder);
    for (const name of ["docker-entrypoint.sh", "apache2-foreground", "php"])
      symlinkSync(join(STUBS, name), join(this.bin, name));
    for (const name of ["clone-entrypoint.sh", "apache2-clone"])
      symlinkSync(join(IMAGE, "wordpress/library/clone-entrypoint.sh"), join(this.bin, name));
    writeFileSync(this.log, "");
  }

  start(...command: readonly string[]): Started {
    const child = spawn(join(this.bin, "clone-entrypoint.sh"), command, {
      cwd: this.html,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: `${this.bin}:${process.env.PATH ?? ""}`,
        STUB_LOG: this.log,
        STUB_SOURCE: this.source ?? join(this.folder, "empty"),
        STUB_PHP: spawnSync("sh", ["-c", "command -v php"], { encoding: "utf8" }).stdout.trim(),
        ...this.environment,
      },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (said += part.toString()));
    this.running.add(child);
    const ended = new Promise<Ended>((done) =>
      child.once("close", (code) => {
        this.running.delete(child);
        done({ code, said });
      }),
    );
    return { child, ended, said: () => said };
  }

  /** Starts it and waits for its end. */
  async run(...command: readonly string[]): Promise<Ended> {
    return await this.start(...command).ended;
  }

  /** What the stubs saw, a line for each. */
  lines(): string[] {
    return readFileSync(this.log, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  }

  /** Every command line of the machine, whenever a PHP of this container started. */
  processes(): string {
    const file = `${this.log}.processes`;
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  async remove(): Promise<void> {
    for (const child of this.running) child.kill("SIGKILL");
    await sleep(10);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until it holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error("it never came");
}

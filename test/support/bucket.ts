/** A bucket on this machine, asked by the rclone that the image runs. */
import { spawn, spawnSync } from "node:child_process";
import { createServer, Server } from "node:http";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { IMAGES } from "../../constructs/versions";
import { provide, whyNotAvailable } from "../cluster/build/builder";
import { eventually } from "../cluster/eventually";
import { Keeper } from "../cluster/keeper";
import { freePorts } from "../cluster/probe";
import type { Program } from "../cluster/programs/program";
import { SCRIPTS } from "./postgres-server";

const VERSION = IMAGES.rclone.split(":")[1] ?? "";
const MODULE = "github.com/rclone/rclone";

/** Its own main package has every cloud there is, which takes ten times as long to build. */
const SLIM = `package main

import (
	_ "${MODULE}/backend/local"
	_ "${MODULE}/backend/s3"
	"${MODULE}/cmd"
	_ "${MODULE}/cmd/copy"
	_ "${MODULE}/cmd/lsf"
	_ "${MODULE}/cmd/serve"
	_ "${MODULE}/cmd/serve/s3"
)

func main() { cmd.Main() }
`;

const rclone: Program = {
  name: "rclone",
  version: VERSION,
  minutes: 2,
  source: { module: MODULE, version: `v${VERSION}`, package: `${MODULE}/slim`, generated: { "slim/main.go": SLIM } },
};

/** The library behind rclone's server, in memory: there it keeps versions, and times of its own, which a folder doesn't. */
const VERSIONS = `package main

import (
	"net/http"
	"os"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
)

func main() {
	backend := s3mem.New()
	if err := backend.CreateBucket(nil, "backups"); err != nil {
		panic(err)
	}
	enabled := gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}
	if err := backend.SetVersioningConfiguration("backups", enabled); err != nil {
		panic(err)
	}
	panic(http.ListenAndServe(os.Args[1], gofakes3.New(backend).Server()))
}
`;

const versions: Program = {
  ...rclone,
  name: "rclone-versions",
  minutes: 1,
  source: { ...rclone.source, package: `${MODULE}/versions`, generated: { "versions/main.go": VERSIONS } },
};

const KEYS = { AccessKeyId: "backups", SecretAccessKey: "not-a-secret" } as const;
const TOKEN = "token of the pod";

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingRclone(): string | undefined {
  const busybox = spawnSync("busybox", ["true"]).error && "busybox is not installed (Debian: apt-get install busybox)";
  return busybox ?? whyNotAvailable([rclone, versions])?.message;
}

export interface Run {
  readonly status: number | null;
  readonly output: string;
}

export class Bucket {
  /** Folder with the objects; empty where it keeps versions. */
  readonly objects: string;
  private readonly programs: string;
  private readonly keeper = new Keeper("loomworks-bucket-");
  private agent?: Server;
  private server?: ReturnType<Keeper["start"]>;

  private constructor(
    private readonly files: ReadonlyMap<Program, string>,
    private readonly port: number,
    private readonly keepsVersions: boolean,
  ) {
    this.objects = join(this.keeper.folder, "buckets", "backups");
    mkdirSync(this.objects, { recursive: true });
    this.programs = join(this.keeper.folder, "bin");
    mkdirSync(this.programs);
    // The build's own name has its version.
    symlinkSync(files.get(rclone) ?? "", join(this.programs, "rclone"));
    // The image has no others.
    spawnSync("busybox", ["--install", "-s", this.programs]);
  }

  /** @param keepsVersions whether what is overwritten can be had back, as in the stack's bucket. @default no: it lies in a folder */
  static async start({ keepsVersions = false } = {}): Promise<Bucket> {
    const [port = 0] = await freePorts(1);
    const bucket = new Bucket(await provide([rclone, ...(keepsVersions ? [versions] : [])]), port, keepsVersions);
    await bucket.serve();
    return bucket;
  }

  /**
   * What a pod of the copy finds in its environment, but for names that differ here: EKS gives it no keys, but the address of an
   * agent, and a token to show there.
   */
  environment(prefix = "loomworks"): Record<string, string> {
    const agent = (this.agent?.address() as AddressInfo).port;
    return {
      BUCKET: "backups",
      PREFIX: prefix,
      PATH: `${this.programs}:${process.env.PATH ?? ""}`,
      RCLONE_CONFIG: "",
      RCLONE_S3_PROVIDER: "Other",
      RCLONE_S3_ENDPOINT: `http://127.0.0.1:${this.port}`,
      RCLONE_S3_REGION: "eu-central-1",
      RCLONE_S3_ENV_AUTH: "true",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${agent}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(this.keeper.folder, "token"),
    };
  }

  /** Ends the server: the bucket can't be reached until {@link serve}. */
  async stopServing(): Promise<void> {
    await this.server?.kill();
  }

  async serve(): Promise<void> {
    this.agent ??= await this.startAgent();
    const keys = `${KEYS.AccessKeyId},${KEYS.SecretAccessKey}`;
    const address = `127.0.0.1:${this.port}`;
    const args = ["serve", "s3", "--auth-key", keys, "--addr", address, dirname(this.objects)];
    this.server = this.keepsVersions
      ? this.keeper.start("bucket", this.files.get(versions)!, [address])
      : this.keeper.start("bucket", this.files.get(rclone)!, args, { env: { RCLONE_CONFIG: "" } });
    await eventually(() => fetch(`http://${address}/`).then(() => true), { what: "the bucket's server" });
  }

  async stop(): Promise<void> {
    this.agent?.close();
    await this.keeper.release();
  }

  /**
   * Runs one of our scripts as a pod does: in busybox' shell. Not to its end at once, since agent and bucket are served by this very
   * process.
   */
  async run(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
    return await this.begin(script, args, env).ended;
  }

  /** As {@link run}, but can be broken off, with all that it started. */
  begin(script: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const command = ["busybox", "sh", join(SCRIPTS, script), ...args];
    const child = spawn(command[0]!, command.slice(1), { env: { ...this.environment(), ...env }, detached: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
    const ended = new Promise<Run>((done) => child.once("close", (status) => done({ status, output })));
    return { ended, isRunning: () => child.exitCode === null, breakOff: () => process.kill(-child.pid!, "SIGKILL") };
  }

  /** How many versions there are of each object below the prefix, where it keeps them. */
  async versions(prefix = "loomworks"): Promise<Record<string, number>> {
    const listing = await fetch(`http://127.0.0.1:${this.port}/backups?versions&prefix=${prefix}/`);
    const keys = [...(await listing.text()).matchAll(/<Version>.*?<Key>(.*?)<\/Key>/gs)].map(([, key = ""]) => key);
    const names = keys.map((key) => key.slice(prefix.length + 1));
    return Object.fromEntries(names.map((name) => [name, names.filter((other) => other === name).length]));
  }

  /** Writes an object past all scripts, where it keeps versions. */
  async put(name: string, body: string, prefix = "loomworks"): Promise<void> {
    const { status } = await fetch(`http://127.0.0.1:${this.port}/backups/${prefix}/${name}`, { method: "PUT", body });
    if (status !== 200) throw new Error(`the bucket answered ${status}`);
  }

  /** The agent of EKS Pod Identity: whoever shows the pod's token gets keys for an hour. */
  private async startAgent(): Promise<Server> {
    writeFileSync(join(this.keeper.folder, "token"), TOKEN, { mode: 0o644 });
    const agent = createServer((request, response) => {
      response.statusCode = request.headers.authorization === TOKEN ? 200 : 401;
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ ...KEYS, Expiration: new Date(Date.now() + 3_600_000).toISOString() }));
    });
    await new Promise<void>((ready) => agent.listen(0, "127.0.0.1", ready));
    return agent;
  }
}

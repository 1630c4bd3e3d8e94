/** A bucket on this machine: rclone's own S3 server, asked by the rclone that the image runs. */
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

const KEYS = { AccessKeyId: "backups", SecretAccessKey: "not-a-secret" } as const;
const TOKEN = "token of the pod";

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingRclone(): string | undefined {
  return whyNotAvailable([rclone])?.message;
}

export class Bucket {
  /** Folder with the objects. */
  readonly objects: string;
  private readonly programs: string;
  private readonly keeper = new Keeper("loomworks-bucket-");
  private agent?: Server;
  private server?: ReturnType<Keeper["start"]>;

  private constructor(
    private readonly rclone: string,
    private readonly port: number,
  ) {
    this.objects = join(this.keeper.folder, "buckets", "backups");
    mkdirSync(this.objects, { recursive: true });
    this.programs = join(this.keeper.folder, "bin");
    mkdirSync(this.programs);
    // The build's own name has its version.
    symlinkSync(rclone, join(this.programs, "rclone"));
  }

  static async start(): Promise<Bucket> {
    const [port = 0] = await freePorts(1);
    const bucket = new Bucket((await provide([rclone])).get(rclone) ?? "", port);
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
    const args = ["serve", "s3", "--auth-key", keys, "--addr", `127.0.0.1:${this.port}`, dirname(this.objects)];
    this.server = this.keeper.start("rclone", this.rclone, args, { env: { RCLONE_CONFIG: "" } });
    await eventually(() => fetch(`http://127.0.0.1:${this.port}/`).then(() => true), { what: "the bucket's server" });
  }

  async stop(): Promise<void> {
    this.agent?.close();
    await this.keeper.release();
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

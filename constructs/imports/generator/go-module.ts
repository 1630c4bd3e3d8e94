import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { InvalidInputError } from "../../shared/problems";

/** A release of a Go module, as pinned in `constructs/versions.ts`. */
export interface GoModule {
  readonly module: string;
  readonly version: string;
}

/** What `go mod download -json` prints, as far as it is read here. */
interface Download {
  readonly Dir?: string;
  readonly Error?: string;
}

/**
 * The folder of a module's files. The ordinary Go client gets them once, checks them against the checksum database and
 * keeps them read-only: a file from there is the project's own, whichever machine asks.
 *
 * @param go the client's program @default "go", from PATH
 * @throws {InvalidInputError} IMPORTS_NO_GO, IMPORTS_NO_MODULE
 */
export function moduleFolder({ module, version }: GoModule, go = "go"): string {
  // Outside of every Go workspace, so that no go.mod or go.work around the repository has a say.
  const run = spawnSync(go, ["mod", "download", "-json", `${module}@${version}`], {
    cwd: tmpdir(),
    env: { ...process.env, GOWORK: "off" },
    encoding: "utf8",
  });
  if (run.error !== undefined) throw noGo(go, run.error);
  const { Dir, Error: refusal } = parse(run.stdout);
  if (Dir === undefined) throw noModule(`${module}@${version}`, refusal ?? run.stderr);
  return Dir;
}

function parse(text: string): Download {
  try {
    return JSON.parse(text) as Download;
  } catch {
    return {};
  }
}

function noGo(go: string, { message }: Error): InvalidInputError {
  return new InvalidInputError([
    {
      code: "IMPORTS_NO_GO",
      path: "PATH",
      value: go,
      reason: `the Go client can't be run (${message}), and CRD files come with the Go modules of their projects`,
      remedy: "Install Go 1.22 or newer; only raising a version needs it, building and testing don't",
    },
  ]);
}

function noModule(release: string, refusal: string): InvalidInputError {
  return new InvalidInputError([
    {
      code: "IMPORTS_NO_MODULE",
      path: "constructs/versions.ts",
      value: release,
      reason: `the Go client didn't get it (${refusal.trim().replaceAll(/\s+/g, " ")})`,
      remedy: 'Pin a release that "go list -m -versions" shows, or set GOPROXY to a proxy that has it',
    },
  ]);
}

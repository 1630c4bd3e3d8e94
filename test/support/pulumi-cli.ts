import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineEvent, LocalWorkspace, OpMap, Stack } from "@pulumi/pulumi/automation";
import { KubeConfig } from "@kubernetes/client-node";
import { PROJECT } from "../../constructs/settings";
import { LocalProject } from "./pulumi-project";
import { skipLoudly } from "./requires";

/** Programs that `pulumi up` needs on PATH, or brings by itself where it can. */
const CLI = "pulumi";

/** `describe`, if the CLI is here. No registry has it, so that CI can't install it: the suite is skipped there too. */
export function describeWithPulumi(title: string, suite: () => void): void {
  const missing = whyNoPulumi();
  if (missing === undefined) describe(title, suite);
  else skipLoudly(missing, title, suite);
}

/** Why nothing can be applied here; undefined where it can. */
export function whyNoPulumi(): string | undefined {
  try {
    execFileSync(CLI, ["version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return `there is no ${CLI} on PATH (docs/contributing.md tells how to get one)`;
  }
}

/** What one run did: how many resources by what happened to them, and which of them changed. */
export interface Outcome {
  readonly counts: OpMap;
  /** `update kubernetes:batch/v1:CronJob loomworks/postgres-backup`, sorted; what stayed the same isn't here. */
  readonly changes: readonly string[];
  readonly output: string;
  readonly seconds: number;
}

/** The program in a copy of the project, with a state of its own in a temporary folder. */
export class PulumiProject extends LocalProject {
  private readonly home = mkdtempSync(join(tmpdir(), "loomworks-state-"));

  private constructor() {
    super();
  }

  /**
   * A project whose stack applies to the cluster of `kubeconfig`.
   *
   * @param change what is to be different from the repository's own settings @default nothing
   */
  static async create(
    name: string,
    kubeconfig: string,
    change: (project: LocalProject) => void = () => undefined,
  ): Promise<{ project: PulumiProject; stack: AppliedStack }> {
    const project = new PulumiProject();
    change(project);
    // Whatever the constructs of this copy make later has to differ by the settings alone.
    project.synthesize();
    const envVars = {
      KUBECONFIG: kubeconfig,
      PULUMI_BACKEND_URL: `file://${project.home}`,
      PULUMI_CONFIG_PASSPHRASE: "of a test, for a state that is thrown away",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const stack = await LocalWorkspace.createStack({ stackName: name, workDir: project.root }, { envVars });
    return { project, stack: new AppliedStack(stack, project.home) };
  }

  /** The same access under another context's name: to Pulumi, another text. */
  rename(kubeconfig: string): string {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const [context] = config.getContexts().filter(({ name }) => name === config.getCurrentContext());
    const renamed = { ...JSON.parse(config.exportConfig()), contexts: [{ name: "renamed", context }] };
    this.write("kubeconfig", JSON.stringify({ ...renamed, "current-context": "renamed" }));
    return join(this.root, "kubeconfig");
  }

  override end(): void {
    super.end();
    rmSync(this.home, { recursive: true });
  }
}

/** A stack, and what its runs did. */
export class AppliedStack {
  constructor(
    private readonly stack: Stack,
    private readonly home: string,
  ) {}

  /** From now on, the cluster that `kubeconfig` leads to. */
  use(kubeconfig: string): void {
    this.stack.workspace.envVars.KUBECONFIG = kubeconfig;
  }

  /** @param policyPack folder of the rules that it is held to. @default none */
  async preview(policyPack?: string): Promise<Outcome> {
    const policyPacks = policyPack === undefined ? [] : [policyPack];
    return await this.run(async (options) => (await this.stack.preview({ ...options, policyPacks })).changeSummary);
  }

  async up(): Promise<Outcome> {
    return await this.run(async (options) => (await this.stack.up(options)).summary.resourceChanges ?? {});
  }

  async destroy(): Promise<Outcome> {
    return await this.run(async (options) => (await this.stack.destroy(options)).summary.resourceChanges ?? {});
  }

  /** All that the state holds, as it lies on the disk: what Pulumi keeps secret is encrypted there. */
  state(): string {
    return readFileSync(join(this.home, ".pulumi", "stacks", PROJECT, `${this.stack.name}.json`), "utf8");
  }

  private async run(operate: (options: RunOptions) => Promise<OpMap>): Promise<Outcome> {
    const changes: string[] = [];
    let output = "";
    const started = Date.now();
    const counts = await operate({
      onOutput: (text) => (output += text),
      onEvent: ({ resourcePreEvent }) => {
        const { op, urn = "" } = resourcePreEvent?.metadata ?? {};
        const [, , type = "", name = ""] = urn.split("::");
        if (op !== undefined && op !== "same") changes.push(`${op} ${type.split("$").at(-1) ?? ""} ${name}`);
      },
    });
    return { counts, changes: changes.sort(), output, seconds: Math.round((Date.now() - started) / 100) / 10 };
  }
}

interface RunOptions {
  readonly onOutput: (text: string) => void;
  readonly onEvent: (event: EngineEvent) => void;
}

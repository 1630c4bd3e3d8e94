import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineEvent, LocalWorkspace, OpMap, Stack } from "@pulumi/pulumi/automation";
import { KubeConfig } from "@kubernetes/client-node";
import { PROJECT, STACKS } from "../../constructs/settings";
import { ProjectCopy, REPOSITORY } from "./pulumi-project";

/** Programs that `pulumi up` needs on PATH, or brings by itself where it can. */
const CLI = "pulumi";

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
export class PulumiProject extends ProjectCopy {
  private readonly home = mkdtempSync(join(tmpdir(), "loomworks-state-"));

  private constructor() {
    super();
    for (const path of ["clones", "infra", "constructs", "package.json", "tsconfig.json"]) {
      cpSync(join(REPOSITORY, path), join(this.root, path), { recursive: true });
    }
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.root, "node_modules"));
    for (const stack of STACKS) this.edit(`Pulumi.${stack}.yaml`, "config:", `config:\n  ${PROJECT}:target: local`);
  }

  /** A project whose stack applies to the cluster of `kubeconfig`. */
  static async create(name: string, kubeconfig: string): Promise<{ project: PulumiProject; stack: AppliedStack }> {
    const project = new PulumiProject();
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

  /** Makes dist from the settings of this copy. */
  synthesize(): void {
    const tsx = join("node_modules", ".bin", "tsx");
    execFileSync(tsx, [join("constructs", "synth.ts")], { cwd: this.root, stdio: ["ignore", "ignore", "inherit"] });
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

  end(): void {
    this.remove(".");
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

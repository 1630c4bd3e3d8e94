import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import * as random from "@pulumi/random";
import { Component } from "../../infra/component";
import { describeWithPulumi } from "../support/pulumi-cli";

const MILLISECONDS = 180_000;

/** A component of the house's form, with something in it that would be made anew. */
class Box extends Component {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("data:Box", name, opts);
    new random.RandomId(this.nameOf("seed"), { byteLength: 8 }, this.childOptions());
    this.registerOutputs({});
  }
}

class Shelf extends Component {
  constructor(name: string, opts: pulumi.ComponentResourceOptions, aliases: pulumi.Alias[]) {
    super("data:Shelf", name, opts);
    new Box(`${name}-box`, { parent: this, aliases });
    this.registerOutputs({});
  }
}

type Program = (providers: pulumi.ProviderResource[]) => void;

describeWithPulumi("A resource that is moved", () => {
  const home = mkdtempSync(join(tmpdir(), "loomworks-aliases-"));
  let stack: Stack;

  const envVars = {
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_CONFIG_PASSPHRASE: "of a test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const running = (program: Program) => () => {
    program([new random.Provider("random")]);
    return Promise.resolve();
  };
  const changesOf = async (program: Program): Promise<string[]> => {
    const { changeSummary } = await stack.preview({ program: running(program) });
    return Object.entries(changeSummary)
      .filter(([kind, count]) => kind !== "same" && count > 0)
      .map(([kind, count]) => `${count} ${kind}`)
      .sort();
  };

  beforeAll(async () => {
    const program = running((providers) => new Box("box", { providers }));
    stack = await LocalWorkspace.createStack({ stackName: "test", projectName: "aliases", program }, { envVars });
    await stack.up();
  }, MILLISECONDS);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it(
    "is made anew, with all that it holds, where nothing tells its old name",
    async () => {
      const changes = await changesOf((providers) => new Box("crate", { providers }));
      expect(changes).toEqual(["2 create", "2 delete"]);
    },
    MILLISECONDS,
  );

  it(
    "is kept under a new name, and its children with it, by one alias",
    async () => {
      expect(await changesOf((providers) => new Box("crate", { providers, aliases: [{ name: "box" }] }))).toEqual([]);
    },
    MILLISECONDS,
  );

  it(
    "is kept within another component, by its old name and parent",
    async () => {
      const aliases = [{ name: "box", parent: pulumi.rootStackResource }];
      const changes = await changesOf((providers) => new Shelf("shelf", { providers }, aliases));
      expect(changes).toEqual(["1 create"]);
    },
    MILLISECONDS,
  );
});

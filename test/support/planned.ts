import * as pulumi from "@pulumi/pulumi";
import { PROJECT } from "../../constructs/settings";
import type { PlannedResource } from "../../infra/plan/model";
import { PlanMonitor } from "../../infra/plan/monitor";

/** What a part of the program registers, with parents, providers and what has to be ready before; by nobody's leave. */
export class Planned {
  constructor(readonly resources: readonly PlannedResource[]) {}

  /** The one resource of that name, and of that type where several share the name. */
  get(name: string, type?: string): PlannedResource {
    const found = this.resources.filter((one) => one.name === name && (type === undefined || one.type === type));
    if (found.length !== 1) throw new Error(`${found.length} resources ${name} ${type ?? ""}`);
    return found[0]!;
  }

  /** All of one type, by its last part: `Subnet`. */
  all(type: string): PlannedResource[] {
    return this.resources.filter((one) => one.type.split(":").at(-1) === type);
  }

  /** `<type> <name>` of each, providers and the stack aside, in the order of the names. */
  names(): string[] {
    const made = this.resources.filter(({ type }) => !type.startsWith("pulumi:"));
    return made.map(({ type, name }) => `${type.split(":").at(-1)!} ${name}`).sort();
  }

  /** Names of what has to be ready before `name`. */
  before(name: string, type?: string): string[] {
    return this.get(name, type).dependsOn.map((urn) => urn.split("::").at(-1)!);
  }

  /** The statements of a policy, by Sid. */
  statements(name: string, field = "policy", type?: string): Record<string, any> {
    const { Statement } = JSON.parse(String(this.get(name, type).inputs[field]));
    return Object.fromEntries(Statement.map((statement: any) => [statement.Sid, statement]));
  }
}

export async function planned(program: () => void): Promise<Planned> {
  const monitor = new PlanMonitor(PROJECT, "staging");
  pulumi.runtime.setMockOptions(monitor, PROJECT, "staging", true);
  pulumi.runtime.setAllConfig({});
  await pulumi.runtime.runInPulumiStack(() => {
    program();
    return Promise.resolve();
  });
  await pulumi.runtime.disconnect();
  return new Planned(monitor.resources);
}

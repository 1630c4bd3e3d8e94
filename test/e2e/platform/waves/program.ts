/** The objects that the program asks for where its target is local, with real values in their Secrets. */
import * as pulumi from "@pulumi/pulumi";
import { PROJECT, Stack } from "../../../../constructs/settings";
import { PlanMonitor } from "../../../../infra/plan/monitor";
import { runProgram } from "../../../../infra/plan/plan";
import type { KubeObject } from "../../../cluster";
import { RandomValues } from "./random-values";

/** One object of the program's, and what it has to wait for. */
export interface Registered {
  readonly urn: string;
  /** Of what it stands in: `namespaces`, `rules`, `data` … */
  readonly wave: string;
  /** URNs of objects that have to be ready before; sorted. */
  readonly dependsOn: readonly string[];
  readonly object: KubeObject;
}

type Fields = Record<string, unknown>;

const { specialSecretSig, specialSigKey } = pulumi.runtime;

const KUBERNETES = /^kubernetes:(?:core\/)?(.+):(\w+)$/;

/**
 * What `pulumi up` would apply, in the order in which the program registers it.
 *
 * @param root folder with the stack files and `dist/`
 * @param values keeps what is made, for the next run
 * @throws {InvalidInputError} naming every problem with settings or dist
 */
export async function objectsOfProgram(stack: Stack, root: string, values: RandomValues): Promise<Registered[]> {
  const monitor = new ApplyMonitor(stack, values);
  await runProgram(monitor, stack, { root, target: "local", preview: false });
  if (monitor.failure !== undefined) throw monitor.failure;
  return monitor.registered;
}

/** Answers as providers do that made everything; the objects are applied afterwards, outside of Pulumi's runtime. */
class ApplyMonitor extends PlanMonitor {
  readonly registered: Registered[] = [];
  failure: Error | undefined;

  constructor(
    stack: Stack,
    private readonly values: RandomValues,
  ) {
    super(PROJECT, stack);
  }

  override registerResource(...[request, answer]: Parameters<PlanMonitor["registerResource"]>): void {
    const inputs = request.getObject()?.toJavaScript() ?? {};
    super.registerResource(request, (error, response) => {
      const state = this.stateFor(request.getType(), request.getName(), inputs);
      answer(error, { ...response, getId: () => request.getName(), getObject: () => ({ toJavaScript: () => state }) });
    });
    if (KUBERNETES.test(request.getType())) this.take(inputs);
  }

  private stateFor(type: string, name: string, inputs: Fields): Fields {
    if (!type.startsWith("random:")) return inputs;
    try {
      const secret = ([key, value]: [string, string]) => [key, { [specialSigKey]: specialSecretSig, value }] as const;
      return Object.fromEntries(Object.entries(this.values.of(type, name, inputs)).map(secret));
    } catch (error) {
      this.failure ??= error as Error;
      return inputs;
    }
  }

  /** The resource that was planned last, with the values that the plan hides. */
  private take(inputs: Fields): void {
    const planned = this.resources.at(-1);
    const [, apiVersion, kind] = KUBERNETES.exec(planned?.type ?? "") ?? [];
    if (planned === undefined || apiVersion === undefined || kind === undefined) return;
    const { urn, dependsOn, path } = planned;
    const object = objectOf({ ...(revealed(inputs) as Fields), apiVersion, kind } as KubeObject);
    this.registered.push({ urn, wave: path.split(" > ")[0] ?? path, dependsOn, object });
  }
}

/** As the server keeps it: `stringData` is for writing alone, so that a second apply couldn't be compared with it. */
function objectOf({ stringData, ...object }: KubeObject): KubeObject {
  if (stringData === undefined) return object;
  const encoded = Object.entries(stringData as Record<string, string>).map(
    ([key, value]) => [key, Buffer.from(value).toString("base64")] as const,
  );
  return { ...object, data: Object.fromEntries(encoded) };
}

function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Fields;
  if (fields[specialSigKey] === specialSecretSig) return revealed(fields.value);
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, revealed(field)]));
}

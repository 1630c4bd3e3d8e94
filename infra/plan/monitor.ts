/** Stands where Pulumi's engine stands: takes down what the program registers, and asks no provider for anything. */
import * as pulumi from "@pulumi/pulumi";
import { PlannedResource, SECRET, UNKNOWN } from "./model";

const { specialSecretSig, specialSigKey, unknownValue } = pulumi.runtime;

type Fields = Record<string, unknown>;
type Answer = (error: Error | null, response?: object) => void;

/** The part of Pulumi's protocol (pulumirpc.RegisterResourceRequest) that a plan reads. */
interface Registration {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getProtect(): boolean;
  getProvider(): string;
  getDependenciesList(): string[];
  getPropertydependenciesMap(): { entries(): Iterable<[string, { getUrnsList(): string[] }]> };
  getAdditionalsecretoutputsList(): string[];
  getObject(): { toJavaScript(): Fields } | undefined;
}

const SUPPORTED: readonly string[] = ["secrets", "resourceReferences", "deletedWith", "aliasSpecs", "transforms"];

/** What the engine and this have in common, as far as a program needs it; registered by `setMockOptions`. */
export class PlanMonitor {
  readonly resources: PlannedResource[] = [];
  /** By URN: what a component, or the stack, says that it gives. */
  readonly outputs = new Map<string, Fields>();

  constructor(
    private readonly project: string,
    private readonly stack: string,
  ) {}

  /**
   * All that the engine can, but for output values: those would hide secrets from {@link redact}. Transforms are taken, and never
   * called: those of this program are for what a packaged component makes, which is in no plan.
   */
  supportsFeature(request: { getId(): string }, answer: Answer): void {
    const supported = SUPPORTED.includes(request.getId());
    answer(null, { getHassupport: () => supported });
  }

  registerResource(request: Registration, answer: Answer): void {
    const inputs = request.getObject()?.toJavaScript() ?? {};
    const urn = this.urnOf(request);
    this.resources.push(this.plan(request, urn, inputs));
    answer(null, registered(urn, idOf(request), this.stateOf(request, inputs)));
  }

  registerResourceOutputs(
    request: { getUrn(): string; getOutputs?(): { toJavaScript(): Fields } },
    answer: Answer,
  ): void {
    const outputs = redact(request.getOutputs?.().toJavaScript() ?? {}, "", []) as Fields;
    this.outputs.set(request.getUrn(), outputs);
    this.tellOutputs(request.getUrn(), outputs);
    answer(null, {});
  }

  /** A look-up needs a provider, and there is none: what it would find belongs into the settings, or into an output. */
  invoke(request: { getTok(): string }, answer: Answer): void {
    answer(new Error(`${request.getTok()} can't be looked up in a plan, which asks no provider`));
  }

  readResource(request: { getType(): string; getName(): string }, answer: Answer): void {
    answer(new Error(`${request.getType()} ${request.getName()} can't be read in a plan, which asks no provider`));
  }

  close(): void {
    // Nothing is open; the runtime asks every monitor.
  }

  private plan(request: Registration, urn: string, inputs: Fields): PlannedResource {
    const secretPaths: string[] = [];
    const parent = request.getParent();
    const provider = request.getProvider().split("::").slice(0, -1).join("::");
    const above = this.resources.find((resource) => resource.urn === parent);
    return {
      urn,
      type: request.getType(),
      name: request.getName(),
      path: above?.parent === undefined ? request.getName() : `${above.path} > ${request.getName()}`,
      ...(parent === "" ? {} : { parent }),
      dependsOn: request.getDependenciesList().toSorted(),
      ...sourcesOf(request),
      ...(provider === "" ? {} : { provider }),
      custom: request.getCustom(),
      protect: request.getProtect(),
      inputs: { ...(redact(inputs, "", secretPaths) as Fields), ...this.redactedBy(request, inputs, secretPaths) },
      secretPaths: secretPaths.sort(),
    };
  }

  /** The stack's own are the plan's. */
  private tellOutputs(urn: string, outputs: Fields): void {
    const index = this.resources.findIndex((resource) => resource.urn === urn && resource.type !== STACK_TYPE);
    const component = this.resources[index];
    if (component === undefined || Object.keys(outputs).length === 0) return;
    this.resources[index] = { ...component, outputs };
  }

  private urnOf(request: Registration): string {
    const above = request.getParent().split("::")[2];
    // As the engine does it: the stack is above all, and in no one's type.
    const within = above === undefined || above === STACK_TYPE ? "" : `${above}$`;
    return `urn:pulumi:${this.stack}::${this.project}::${within}${request.getType()}::${request.getName()}`;
  }

  /** A secret that isn't known yet comes as unknown alone: the class of the resource tells which of its fields are secret. */
  private redactedBy(request: Registration, inputs: Fields, secretPaths: string[]): Fields {
    const secrets = request.getAdditionalsecretoutputsList().filter((key) => inputs[key] === unknownValue);
    secretPaths.push(...secrets);
    return Object.fromEntries(secrets.map((key) => [key, SECRET]));
  }

  /** What a provider would answer, as far as the program itself said it; the rest is unknown, and secret where it will be. */
  private stateOf(request: Registration, inputs: Fields): Fields {
    const secrets = request.getAdditionalsecretoutputsList().filter((key) => !(key in inputs));
    const made = secrets.map((key) => [key, { [specialSigKey]: specialSecretSig, value: unknownValue }]);
    return { ...namesOf(request), ...inputs, ...Object.fromEntries(made) } as Fields;
  }
}

/**
 * AWS' names of what it will have made. They stand for themselves, so that a policy can be read and judged before its
 * resources are there: one unknown ARN would make the whole of its JSON unknown.
 */
function namesOf(request: Registration): Fields {
  if (!isOfAws(request)) return {};
  const name = request.getName();
  const zone = request.getType() === "aws:route53/zone:Zone" ? { zoneId: idOf(request) } : {};
  return { arn: `[arn of ${name}]`, name: `[name of ${name}]`, ...zone };
}

function sourcesOf(request: Registration): Pick<PlannedResource, "sources"> {
  const all = [...request.getPropertydependenciesMap().entries()];
  const named = all.map(([key, from]) => [key, from.getUrnsList().toSorted()] as const);
  const some = named.filter(([, urns]) => urns.length > 0).sort(([one], [other]) => (one < other ? -1 : 1));
  return some.length === 0 ? {} : { sources: Object.fromEntries(some) };
}

function idOf(request: Registration): string {
  return isOfAws(request) ? `[id of ${request.getName()}]` : unknownValue;
}

function isOfAws(request: Registration): boolean {
  return request.getCustom() && request.getType().startsWith("aws:");
}

const STACK_TYPE = pulumi.runtime.rootPulumiStackTypeName;

/** The part of pulumirpc.RegisterResourceResponse that a program reads. */
function registered(urn: string, id: string, state: Fields): object {
  return {
    getUrn: () => urn,
    getId: () => id,
    getObject: () => ({ toJavaScript: () => state }),
    getPropertydependenciesMap: () => new Map(),
    getResult: () => 0,
  };
}

/** A copy of `value` as it comes off the wire, with words in the place of secrets and of what is not known yet. */
function redact(value: unknown, path: string, secretPaths: string[]): unknown {
  if (value === unknownValue) return UNKNOWN;
  if (Array.isArray(value)) return value.map((item, index) => redact(item, `${path}[${index}]`, secretPaths));
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Fields;
  if (fields[specialSigKey] === specialSecretSig) {
    secretPaths.push(path);
    return SECRET;
  }
  const entries = Object.entries(fields).map(
    ([key, field]) => [key, redact(field, path === "" ? key : `${path}.${key}`, secretPaths)] as const,
  );
  return Object.fromEntries(entries);
}

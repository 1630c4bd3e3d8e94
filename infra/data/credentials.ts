import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { SecretContract } from "../../constructs/contract";
import { Component, LABELS } from "../component";
import type { Rotation } from "../config";

export interface CredentialsArgs {
  /** Namespace of the Secrets; it has to be there before they are. */
  readonly namespace: string;
  readonly secrets: readonly SecretContract[];
  /** Which of them are to be made anew. */
  readonly rotation: Rotation;
  /** Values that the contract says are given, by the Secret's name and key. @default none */
  readonly given?: Readonly<Record<string, Readonly<Record<string, pulumi.Input<string>>>>>;
  /** Whether Pulumi refuses to delete what can't be made again. @default false */
  readonly protect?: boolean;
}

const DEFAULTS = { given: {}, protect: false } as const;

type Settled = Required<CredentialsArgs>;

/**
 * The Secrets that the manifests refer to. Their passwords are made once and live in the stack's state, encrypted: no
 * setting changes them but a rotation, and they are in no file, log or plan.
 */
export class Credentials extends Component {
  /** By name of a Secret: a hash that changes with its values, and gives none of them away. */
  readonly hashes: Readonly<Record<string, pulumi.Output<string>>>;
  readonly nodes: { readonly secrets: readonly k8s.core.v1.Secret[] };

  constructor(name: string, args: CredentialsArgs, opts: pulumi.ComponentResourceOptions) {
    super("data:Credentials", name, opts);
    const settled: Settled = { ...DEFAULTS, ...args };
    const hashes: Record<string, pulumi.Output<string>> = {};
    const secrets = args.secrets.map((secret) => {
      const values = pulumi.secret(this.createValues(secret, settled));
      if (hasMadeValue(secret)) hashes[secret.name] = hashOf(secret.name, values);
      const protect = isProtected(secret, settled);
      return this.createSecret(secret.name, args.namespace, values, { dependsOn: opts.dependsOn, protect });
    });
    this.hashes = hashes;
    this.nodes = { secrets };
    this.registerOutputs({ hashes });
  }

  private createValues(secret: SecretContract, args: Settled): Record<string, pulumi.Input<string>> {
    const values = Object.keys(secret.data).map((key) => [key, this.createValue(secret, key, args)] as const);
    return Object.fromEntries(values);
  }

  private createValue(secret: SecretContract, key: string, args: Settled): pulumi.Input<string> {
    const value = secret.data[key];
    if (value === undefined) throw new RangeError(`${secret.name} has no key ${key}`);
    const name = this.nameOf(`${secret.name}-${key}`);
    const rotation = args.rotation[secret.name];
    const keepers = rotation === undefined ? undefined : { rotation };
    const opts = this.childOptions({ protect: isProtected(secret, args) });
    switch (value.kind) {
      case "text":
        return value.text;
      case "given":
        return givenValue(secret.name, key, args);
      case "password":
        return new random.RandomPassword(name, { length: value.length, special: false, keepers }, opts).result;
      case "login": {
        const ending = new random.RandomString(name, { length: 8, special: false, upper: false, keepers }, opts);
        return pulumi.interpolate`${value.owner}_${ending.result}`;
      }
      case "key":
        return new random.RandomBytes(name, { length: value.bytes }, opts).base64;
      case "keyring":
        return keyring(name, value.bytes, keyCount(rotation), opts);
    }
  }

  private createSecret(
    name: string,
    namespace: string,
    stringData: pulumi.Input<Record<string, pulumi.Input<string>>>,
    opts: pulumi.CustomResourceOptions,
  ): k8s.core.v1.Secret {
    const metadata = { name, namespace, labels: LABELS };
    return new k8s.core.v1.Secret(this.nameOf(name), { metadata, type: "Opaque", stringData }, this.childOptions(opts));
  }
}

function isProtected(secret: SecretContract, { protect }: Settled): boolean {
  return protect && secret.irreplaceable === true;
}

/** One resource a key, so that a new one leaves the others alone. */
function keyring(
  name: string,
  length: number,
  count: number,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  const keys = ids.map((id) =>
    new random.RandomBytes(`${name}-${id}`, { length }, opts).base64.apply((key) => `${id}:${key}`),
  );
  return pulumi.all(keys).apply((each) => each.toReversed().join(","));
}

/** Validated with the rest of the configuration; where nothing was asked for, there is one. */
function keyCount(rotation = "1"): number {
  return Number(rotation);
}

function givenValue(secret: string, key: string, { given }: Settled): pulumi.Input<string> {
  const value = given[secret]?.[key];
  if (value === undefined) throw new RangeError(`the key ${key} of ${secret} is to be given, and wasn't`);
  return value;
}

/** What people chose may be found by trying, from a hash that all can see. With something made in it, it can't. */
function hasMadeValue({ data }: SecretContract): boolean {
  return Object.values(data).some(({ kind }) => kind !== "given" && kind !== "text");
}

/** A password of 32 letters and digits can't be found from its hash by trying: the hash may be seen by all. */
function hashOf(name: string, values: pulumi.Output<Record<string, string>>): pulumi.Output<string> {
  const text = values.apply((known) => JSON.stringify([name, Object.entries(known).sort()]));
  return pulumi.unsecret(text.apply(sha256));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

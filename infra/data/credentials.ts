import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { SecretContract, SecretValue } from "../../constructs/contract";
import { Component, LABELS } from "../component";
import type { Rotation } from "../config";

export interface CredentialsArgs {
  /** Namespace of the Secrets; it has to be there before they are. */
  readonly namespace: string;
  readonly secrets: readonly SecretContract[];
  /** Which of them are to be made anew. */
  readonly rotation: Rotation;
}

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
    const hashes: Record<string, pulumi.Output<string>> = {};
    const secrets = args.secrets.map((secret) => {
      const values = pulumi.secret(this.createValues(secret, args.rotation[secret.name]));
      hashes[secret.name] = hashOf(secret.name, values);
      return this.createSecret(secret.name, args.namespace, values, opts.dependsOn);
    });
    this.hashes = hashes;
    this.nodes = { secrets };
    this.registerOutputs({ hashes });
  }

  private createValues(secret: SecretContract, rotation?: string): Record<string, pulumi.Input<string>> {
    const values = Object.entries(secret.data).map(([key, value]) => {
      const made = this.createValue(this.nameOf(`${secret.name}-${key}`), value, rotation);
      return [key, made] as const;
    });
    return Object.fromEntries(values);
  }

  private createValue(name: string, value: SecretValue, rotation?: string): pulumi.Input<string> {
    switch (value.kind) {
      case "text":
        return value.text;
      case "password":
        return this.createPassword(name, value.length, rotation);
    }
  }

  private createPassword(name: string, length: number, rotation?: string): pulumi.Output<string> {
    const keepers = rotation === undefined ? undefined : { rotation };
    return new random.RandomPassword(name, { length, special: false, keepers }, this.childOptions()).result;
  }

  private createSecret(
    name: string,
    namespace: string,
    stringData: pulumi.Input<Record<string, pulumi.Input<string>>>,
    dependsOn: pulumi.CustomResourceOptions["dependsOn"],
  ): k8s.core.v1.Secret {
    const metadata = { name, namespace, labels: LABELS };
    return new k8s.core.v1.Secret(
      this.nameOf(name),
      { metadata, type: "Opaque", stringData },
      this.childOptions({ dependsOn }),
    );
  }
}

/** A password of 32 letters and digits can't be found from its hash by trying: the hash may be seen by all. */
function hashOf(name: string, values: pulumi.Output<Record<string, string>>): pulumi.Output<string> {
  const text = values.apply((known) => JSON.stringify([name, Object.entries(known).sort()]));
  return pulumi.unsecret(text.apply(sha256));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What Pulumi's random provider makes, made here: once, and then the same until its inputs change. */
import { randomBytes, randomInt } from "node:crypto";
import { ClusterError } from "../../../cluster";

type Fields = Readonly<Record<string, unknown>>;

/** One value, and what it was made from. */
interface Made {
  readonly inputs: Fields;
  readonly state: Readonly<Record<string, string>>;
}

/** By type and name of a resource. */
export type MadeValues = Readonly<Record<string, Made>>;

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";

/** The types that the program uses where its target is local, with how each is made from its inputs. */
const MAKERS: Readonly<Record<string, (inputs: Fields) => Made["state"]>> = {
  "random:index/randomPassword:RandomPassword": (inputs) => ({ result: textOf(inputs) }),
  "random:index/randomString:RandomString": (inputs) => ({ result: textOf(inputs) }),
  "random:index/randomBytes:RandomBytes": ({ length }) => {
    const bytes = randomBytes(Number(length));
    return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
  },
};

export class RandomValues {
  private readonly made: Record<string, Made>;

  /** @param kept what an earlier run left by {@link all} */
  constructor(kept: MadeValues = {}) {
    this.made = { ...kept };
  }

  /** Those that were kept, and those that were made since. All of them are secret. */
  get all(): MadeValues {
    return this.made;
  }

  /**
   * What the provider would answer.
   *
   * @throws {ClusterError} if it is of a type that nobody makes here
   */
  of(type: string, name: string, inputs: Fields): Made["state"] {
    const key = `${type} ${name}`;
    const kept = this.made[key];
    if (kept !== undefined && JSON.stringify(kept.inputs) === JSON.stringify(inputs)) return kept.state;
    const make = MAKERS[type];
    if (make === undefined) throw new ClusterError(unknownType(type, name));
    const state = make(inputs);
    this.made[key] = { inputs, state };
    return state;
  }
}

/** Of letters and digits: nothing of the program asks for special characters. */
function textOf({ length, upper = true }: Fields): string {
  const alphabet = LOWER + DIGITS + (upper === true ? UPPER : "");
  return Array.from({ length: Number(length) }, () => alphabet[randomInt(alphabet.length)]).join("");
}

function unknownType(type: string, name: string) {
  return {
    code: "E2E_RESOURCE",
    path: name,
    value: type,
    reason: "only a provider of Pulumi makes it",
    remedy: "Apply by pulumi up, or teach test/e2e/platform/waves what it is",
  };
}

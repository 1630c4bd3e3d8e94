import { containersOf, podsOf } from "../kubernetes";
import { Finding, ResourceRule, Subject } from "../rule";
import { fieldsOf, isUnknown, listOf } from "../values";

/** By type: inputs that are secret whatever they hold. */
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  "aws:rds/instance:Instance": ["password"],
  "aws:rds/cluster:Cluster": ["masterPassword"],
  "aws:elasticache/replicationGroup:ReplicationGroup": ["authToken"],
  "aws:secretsmanager/secretVersion:SecretVersion": ["secretString", "secretBinary"],
  "kubernetes:core/v1:Secret": ["data", "stringData"],
};

/** Names of variables and of charts' values that hold a secret rather than name one. */
const SECRET_NAME = /(passw(or)?d|passphrase|(?<!existing)secret|token|api_?key|private_?key)$/i;

export const secretsAreMarked: ResourceRule = {
  name: "secrets-are-marked",
  description:
    "Passwords, tokens and the contents of Secrets are Pulumi secrets: all else stands in clear in state, diffs and logs.",
  seesSecrets: true,
  check: (subject) => [...inputs(subject), ...variables(subject), ...chartValues(subject)],
};

function inputs({ type, props }: Subject): Finding[] {
  return (SECRETS[type] ?? []).flatMap((path) => leaves(props[path], path)).map(({ path }) => inClear(path));
}

function variables(subject: Subject): Finding[] {
  return podsOf(subject)
    .flatMap(containersOf)
    .flatMap(({ path, value }) =>
      listOf(value.env).map((entry, index) => ({ path: `${path}.env[${index}]`, ...fieldsOf(entry) })),
    )
    .filter(
      (entry: { path: string; name?: unknown; value?: unknown }) =>
        SECRET_NAME.test(String(entry.name)) && isClear(entry.value),
    )
    .map(({ path }) => inClear(`${path}.value`));
}

function chartValues({ type, props }: Subject): Finding[] {
  if (type !== "kubernetes:helm.sh/v3:Release") return [];
  return leaves(props.values, "values")
    .filter(({ path }) => SECRET_NAME.test(path))
    .map(({ path }) => inClear(path));
}

/** Texts in clear below a value. */
function leaves(value: unknown, path: string): { path: string }[] {
  if (isClear(value)) return [{ path }];
  return Object.entries(fieldsOf(value)).flatMap(([key, field]) => leaves(field, `${path}.${key}`));
}

function isClear(value: unknown): boolean {
  return typeof value === "string" && value !== "" && !isUnknown(value);
}

function inClear(path: string): Finding {
  const reason = "it isn't marked as a secret, so Pulumi keeps and shows it in clear";
  return { path, value: "[in clear]", reason, remedy: "Take it from a generated value, or wrap it by pulumi.secret" };
}

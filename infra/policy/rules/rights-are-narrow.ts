import { Finding, ResourceRule, Subject } from "../rule";
import { Fields, fieldsOf, Found, isUnknown, listOf, parsedJson, valuesAt } from "../values";

/** `*`, `*:*`, `s3:*`. */
const WHOLE_SERVICE = /^(\*+|[\w-]+)(:\*+)?$/;
const hasWhole = (action: unknown) => typeof action === "string" && action.includes("*") && WHOLE_SERVICE.test(action);
/** `*`, or an ARN that names nothing: `arn:aws:rds:eu-central-1:111122223333:*`. */
const EVERYTHING = /^(\*+|arn(:[^:]*){4}:\*+)$/;
const isEverything = (resource: unknown) => typeof resource === "string" && EVERYTHING.test(resource);
/** AWS' own policies that give a service, or all of them, away. */
const TOO_WIDE = /:policy\/(.*\/)?(AdministratorAccess|PowerUserAccess|\w*FullAccess)$/;
const ACCOUNT_ROOT = /^(arn:[^:]+:iam::)?\d{12}(:root)?$/;

/** Where policies are named rather than written. */
const ATTACHED = ["policyArn", "managedPolicyArns[]"];

export const rightsAreNarrow: ResourceRule = {
  name: "rights-are-narrow",
  description:
    "No policy gives a whole service on everything, gives all but what it names, or gives to everybody without a condition: a role does the harm that it may do.",
  check: (subject) => {
    if (!subject.type.startsWith("aws:")) return [];
    const written = documentsOf(subject).flatMap((document) => inDocument(subject, document));
    return [...written, ...ATTACHED.flatMap((path) => valuesAt(subject.props, path)).flatMap(attached)];
  },
};

/** What every carrier calls its policy: a role, a bucket, a queue, a key, a file system. */
const WRITTEN = ["policy", "assumeRolePolicy", "inlinePolicies[].policy"];

function documentsOf({ props }: Subject): Found[] {
  return WRITTEN.flatMap((path) => valuesAt(props, path)).filter(
    ({ value }) => typeof value === "string" && !isUnknown(value),
  );
}

function inDocument(subject: Subject, { path, value }: Found): Finding[] {
  const document = parsedJson(String(value));
  if (document === undefined) {
    return [{ path, value: null, reason: "it is no JSON, so nobody can judge it", remedy: "Give a policy document" }];
  }
  return listOf(fieldsOf(document).Statement)
    .map(fieldsOf)
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap((statement, index) => {
      const sid = typeof statement.Sid === "string" ? statement.Sid : `Statement[${index}]`;
      return inStatement(subject, statement).map((finding) => ({ ...finding, path: `${path} ${sid}` }));
    });
}

function inStatement(subject: Subject, statement: Fields): Omit<Finding, "path">[] {
  const { Action, Resource, NotAction, NotResource, NotPrincipal, Condition } = statement;
  const whole = listOf(Action).filter(hasWhole);
  const everything = NotResource !== undefined || listOf(Resource).some(isEverything);
  const remedy = "Name the actions that are needed, and on what";
  const isConditional = Object.keys(fieldsOf(Condition)).length > 0;
  return [
    ...(whole.length > 0 && everything && !isKeyOfItsAccount(subject, statement)
      ? [{ value: whole, reason: "it gives whole services on everything", remedy }]
      : []),
    ...(NotAction === undefined
      ? []
      : [{ value: { NotAction }, reason: "it gives all that it doesn't name, and what AWS will add", remedy }]),
    ...(NotPrincipal === undefined && (isConditional || !principalsOf(statement).includes("*"))
      ? []
      : [
          {
            value: NotPrincipal === undefined ? "*" : { NotPrincipal },
            reason: "it gives to everybody in the world",
            remedy: "Name who may, or what must be true of the request",
          },
        ]),
  ];
}

function principalsOf({ Principal }: Fields): unknown[] {
  return typeof Principal === "string" ? [Principal] : Object.values(fieldsOf(Principal)).flatMap(listOf);
}

/** In a key's policy "*" is the key itself; an account that may not manage its key can't even delete it. */
function isKeyOfItsAccount({ type }: Subject, statement: Fields): boolean {
  const principals = principalsOf(statement);
  const isOwn = principals.length > 0 && principals.every((one) => ACCOUNT_ROOT.test(String(one)));
  return type.startsWith("aws:kms/") && isOwn && listOf(statement.Action).every((action) => action === "kms:*");
}

function attached({ path, value }: Found): Finding[] {
  if (typeof value !== "string" || !TOO_WIDE.test(value)) return [];
  const reason = "AWS' policy of that name gives whole services on everything";
  return [{ path, value, reason, remedy: "Write a policy with the actions that are needed" }];
}

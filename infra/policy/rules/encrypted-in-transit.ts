import { Finding, ResourceRule } from "../rule";
import { fieldsOf, isUnknown, listOf, valueAt, valuesAt } from "../values";

/** Carriers of policies that can refuse what comes in clear. */
const GUARDED = [
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:efs/fileSystemPolicy:FileSystemPolicy",
];

export const encryptedInTransit: ResourceRule = {
  name: "encrypted-in-transit",
  description:
    "Buckets, queues and file systems refuse what comes without TLS, and the load balancer only redirects it: a client that forgets TLS gives credentials and data away.",
  check: ({ type, props }): Finding[] => {
    if (GUARDED.includes(type)) return inPolicy(props.policy);
    return type === "aws:lb/listener:Listener" ? inListener(props) : [];
  },
};

function inPolicy(policy: unknown): Finding[] {
  if (isUnknown(policy) || statementsOf(policy).some(refusesClear)) return [];
  const reason = "no statement denies requests without TLS to everybody";
  const remedy = 'Deny all actions to "*" where aws:SecureTransport is false';
  return [{ path: "policy", value: null, reason, remedy }];
}

function statementsOf(policy: unknown): readonly unknown[] {
  try {
    return listOf(valueAt(JSON.parse(String(policy)), "Statement"));
  } catch {
    return [];
  }
}

function refusesClear(statement: unknown): boolean {
  const { Effect, Principal, Condition } = fieldsOf(statement);
  const everybody = Principal === "*" || fieldsOf(Principal).AWS === "*";
  const transport = fieldsOf(fieldsOf(Condition).Bool)["aws:SecureTransport"];
  return Effect === "Deny" && everybody && String(transport) === "false" && coversAll(fieldsOf(statement));
}

/** A bucket is two resources: itself and what is in it. */
function coversAll({ Action, Resource }: Readonly<Record<string, unknown>>): boolean {
  const ofS3 = listOf(Action).some((action) => String(action).startsWith("s3:"));
  if (!ofS3) return true;
  const resources = listOf(Resource).map(String);
  const both = resources.includes("*") || new Set(resources.map((one) => one.endsWith("/*"))).size === 2;
  return both && listOf(Action).includes("s3:*");
}

function inListener(props: Readonly<Record<string, unknown>>): Finding[] {
  const { protocol, sslPolicy } = props;
  if (protocol === "HTTP") {
    const ways = valuesAt(props, "defaultActions[].redirect.protocol").filter(({ value }) => !isUnknown(value));
    const reason = "it answers in clear";
    const remedy = "Redirect to HTTPS, and forward there alone";
    return ways.filter(({ value }) => value !== "HTTPS").map((way) => ({ ...way, reason, remedy }));
  }
  if (protocol !== "HTTPS" || isUnknown(sslPolicy) || /TLS13-1-[23]-/.test(String(sslPolicy))) return [];
  const reason = "its default still speaks TLS 1.0";
  return [{ path: "sslPolicy", value: sslPolicy, reason, remedy: "Name one of ELBSecurityPolicy-TLS13-1-2" }];
}

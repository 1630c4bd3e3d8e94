/** What buckets, keys, logs and queues cost, by use and by how long things are kept. */
import type { PlannedResource } from "../../model";
import { CostContext, lineOf } from "../context";
import type { CostLine } from "../model";
import { systemOf } from "../systems";

/** Days of a month, as AWS bills what is kept. */
const DAYS_A_MONTH = 30.4;

interface Rule {
  readonly expiration?: { readonly days: number };
  readonly transitions?: readonly { readonly days: number; readonly storageClass: string }[];
}

/** What lies in a bucket once its oldest object is the one that its life cycle ends. */
export function bucketLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  return resources.flatMap((resource) => {
    const kind = /-(backups|logs|traces)-bucket$/.exec(resource.name)?.[1] as "backups" | "logs" | "traces" | undefined;
    if (kind === undefined) return context.unpriced(resource, "a bucket of a kind that no assumption is about");
    const { backupGbADay, logGbADay, traceGbADay } = context.assumptions;
    const daily = { backups: backupGbADay, logs: logGbADay, traces: traceGbADay }[kind];
    const { days, standard } = lifeOf(resource, context);
    const base = { system: systemOf(resource), resources: [resource] } as const;
    const assumption = `${daily} GB a day, kept ${days} days`;
    const line = (id: string, name: string, quantity: number, price: ReturnType<CostContext["price"]>) =>
      lineOf({ ...base, id, name, quantity, price, assumption });
    const lines = [line(`s3.${kind}`, `Bucket of ${kind}`, daily * standard, context.price("s3.standard"))];
    if (standard === days) return lines;
    const price = context.price("s3.glacier-ir");
    return [
      ...lines,
      line(`s3.${kind}.old`, `Bucket of ${kind}, after ${standard} days`, daily * (days - standard), price),
    ];
  });
}

function lifeOf(bucket: PlannedResource, { plan }: CostContext): { days: number; standard: number } {
  const isLifecycle = ({ type, parent }: PlannedResource) =>
    type.endsWith(":BucketLifecycleConfiguration") && parent === bucket.parent;
  const rules = plan.resources.filter(isLifecycle).flatMap(({ inputs }) => inputs.rules as readonly Rule[]);
  const days = Math.max(DAYS_A_MONTH, ...rules.map(({ expiration }) => expiration?.days ?? 0));
  const moves = rules.flatMap(({ transitions = [] }) => transitions.map((transition) => transition.days));
  return { days, standard: Math.min(days, ...moves) };
}

export function keyLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const { keyRequests } = context.assumptions;
  const price = context.price("kms.key");
  const requests = lineOf({
    id: "kms.requests",
    name: "Requests to keys",
    system: "platform",
    quantity: resources.length * keyRequests,
    price: context.price("kms.requests"),
    assumption: `${(keyRequests * 10_000).toLocaleString("en-US")} a month to each of ${resources.length}`,
    resources,
  });
  const keys = resources.map((resource) => {
    const { description = resource.name } = resource.inputs as { description?: string };
    const name = `Key: ${description}`;
    return lineOf({
      id: `kms.${resource.name}`,
      name,
      system: systemOf(resource),
      quantity: 1,
      price,
      resources: [resource],
    });
  });
  return [...keys, requests];
}

export function queueLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const { queueRequests } = context.assumptions;
  const price = context.price("sqs.requests");
  const assumption = `${queueRequests} million requests a month; the first million of an account, which is free, counts too`;
  const quantity = resources.length * queueRequests;
  return [
    lineOf({
      id: "sqs.requests",
      name: "Queue of interruptions",
      system: "platform",
      quantity,
      price,
      assumption,
      resources,
    }),
  ];
}

/** CloudWatch bills what comes in, and what it keeps of it, packed. */
export function logLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  return resources.flatMap((resource) => {
    const name = String(resource.inputs.name);
    const gb = monthlyLogGb(name, context);
    const { logCompression } = context.assumptions;
    const months = Number(resource.inputs.retentionInDays) / DAYS_A_MONTH;
    const base = { system: systemOf(resource), resources: [resource], assumption: `${gb} GB a month` } as const;
    const stored = gb * months * logCompression;
    return [
      lineOf({
        ...base,
        id: `logs.${resource.name}`,
        name: `Logs ${name}`,
        quantity: gb,
        price: context.price("logs.ingestion"),
      }),
      lineOf({
        ...base,
        id: `logs.${resource.name}.kept`,
        name: `Logs ${name}, kept`,
        quantity: stored,
        price: context.price("logs.storage"),
        assumption: `${gb} GB a month, kept ${String(resource.inputs.retentionInDays)} days at ${logCompression} of their size`,
      }),
    ];
  });
}

function monthlyLogGb(name: string, { assumptions }: CostContext): number {
  if (name.startsWith("/aws/eks/")) return assumptions.controlPlaneLogGb;
  return name.startsWith("/aws/vpc/") ? assumptions.flowLogGb : assumptions.databaseLogGb;
}

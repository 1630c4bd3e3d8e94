/** The documents' cost tables, line by line, and what stands in the place of each. */
import type { CostContext } from "./context";
import { bufferOfDocuments } from "./documents";
import { cents, Comparison, CostLine, dollars, sumOf } from "./model";

/** US dollars a month, of the warm pool's design. */
const WARM_POOL_BUDGET = 166;

export function comparisonOf(lines: readonly CostLine[], context: CostContext): Comparison[] {
  const of = (...beginnings: string[]) => lines.filter(({ id }) => beginnings.some((begin) => id.startsWith(begin)));
  const clones = lines.filter(({ system }) => system === "clones");
  const named = of(
    "nodes.buffer",
    "disks.buffer",
    "nodes.general.clones",
    "disks.general.clones",
    "ebs.clones.clone-redis",
  );
  const rest = clones.filter((line) => !named.includes(line));
  const platform = lines.filter(({ system }) => system === "platform");
  const watch = of("ebs.loki", "ebs.tempo", "ebs.kube-prometheus", "s3.logs", "s3.traces");
  return [
    {
      theirs: "Buffer nodes, 2 × t2.small by spot",
      figure: "~$24",
      ours: "Warm nodes and their disks",
      usd: sumOf(of("nodes.buffer", "disks.buffer")),
      because: bufferReason(context),
    },
    {
      theirs: "General pool, as needed",
      figure: "~$50–100",
      ours: "The clones' share of the general pool",
      usd: sumOf(of("nodes.general.clones", "disks.general.clones")),
      because: `API, workers, warm pool, Redis, KRO, KEDA and ACK at their fewest replicas, and ${context.assumptions.clonesBeyondBuffer} clones beyond the warm nodes; the documents name no load`,
    },
    {
      theirs: "Redis, hosted by the cluster",
      figure: "$0",
      ours: "Redis' volume",
      usd: sumOf(of("ebs.clones.clone-redis")),
      because: "The queue is written to a disk, which the documents left out; its pod is in the general pool's share",
    },
    {
      theirs: "(no line)",
      figure: "–",
      ours: "What else the clones need",
      usd: sumOf(rest),
      because: `${largest(rest)}: the documents use them and forget them`,
    },
    {
      theirs: "Total of the clone system",
      figure: "~$74–124",
      ours: "All that the clones add to the platform",
      usd: sumOf(clones),
      because: `The comparable figure: the platform without the clones would cost that much less. ${asTheirs(clones, context)}`,
    },
    {
      theirs: "Warm pool's budget",
      figure: "< $166",
      ours: "All that the clones add to the platform",
      usd: sumOf(clones),
      because: `${verdict(sumOf(clones), WARM_POOL_BUDGET)}; the settings name the warm nodes' number and type (aws.karpenter.buffer)`,
    },
    {
      theirs: "Observability",
      figure: "~$40",
      ours: "Volumes and buckets of metrics, logs and traces",
      usd: sumOf(watch),
      because: "Without the nodes that its pods run on, which are in the platform's share of the general pool",
    },
    {
      theirs: "(no line)",
      figure: "–",
      ours: "The platform that all share",
      usd: sumOf(platform),
      because: `${largest(platform)}: the documents take the cluster as given`,
    },
  ];
}

function bufferReason(context: CostContext): string {
  const { nodes, clones, usd, onDemand } = bufferOfDocuments(context);
  const own = context.buffer;
  const theirs = `${nodes} × t2.small cost ${dollars(usd)} by spot here (${dollars(onDemand)} on demand) and hold ${clones} clones, not the 20 that the documents promise`;
  return own === undefined ? theirs : `${theirs}; ${own.nodes} × ${own.instanceType} hold ${own.clones}`;
}

/** Our clones with their warm nodes. */
function asTheirs(clones: readonly CostLine[], context: CostContext): string {
  const others = clones.filter(({ id }) => !/^(nodes|disks)\.buffer$/.test(id));
  const { nodes, clones: held, usd } = bufferOfDocuments(context);
  return `With ${nodes} × t2.small by spot in the place of the warm nodes, which hold ${held} clones, it would be ${dollars(cents(sumOf(others) + usd))}`;
}

function verdict(usd: number, budget: number): string {
  const difference = cents(Math.abs(budget - usd));
  return usd < budget ? `Kept, by ${dollars(difference)}` : `Not kept: ${dollars(difference)} above`;
}

/** The three largest, by name. */
function largest(lines: readonly CostLine[]): string {
  const three = lines.toSorted((one, other) => other.usd - one.usd).slice(0, 3);
  return three.map(({ name, usd }) => `${name} (${dollars(usd)})`).join(", ");
}

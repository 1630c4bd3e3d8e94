/**
 * Who reaches whom in a whole stack, by real connections between real pods: the policies of dist, enforced by whatever the
 * cluster enforces them with, against the table that network.test.ts computes.
 */
import { isIPv4 } from "node:net";
import { join } from "node:path";
import { PEERS } from "../../constructs/contract";
import { policySetOf } from "../../infra/plan/report/network/network";
import {
  hasPort,
  intersection,
  port,
  PortRange,
  PortSet,
  portText,
  Protocol,
  union,
} from "../../infra/plan/report/network/ports";
import { Pod, verdict } from "../../infra/plan/report/network/rules";
import { Cluster, describeWithCluster, eventually, isReady, KubeObject, listPods } from "../cluster";
import { storyImages } from "../images/names";
import { provideImages } from "../images/provide";
import { ProbingPods } from "../support/probing-pods";
import { LISTEN } from "../support/probing-scripts";
import { readManifestsBelow } from "./documents";
import { ADDRESSES, admitted, IMPOSTORS, ourPods, PEER_PODS } from "./reachability";

const DIST = join(__dirname, "..", "..", "dist", "staging");

/** By name. */
type Addresses = Readonly<Record<string, string>>;

const objects = readManifestsBelow(DIST);
const policies = policySetOf(objects);
const ours = ourPods(objects);

/** Any cluster has its own DNS, which is asked, and asks nobody. */
const PROBING = Object.fromEntries(
  Object.entries({ ...ours, ...PEER_PODS, ...IMPOSTORS }).filter(([name]) => name !== "dns"),
);
const TARGETS: Readonly<Record<string, Pod>> = { ...PROBING, dns: PEER_PODS.dns! };

/** Every port that the table names, and of each protocol one that nobody is to reach. */
const PORTS = { TCP: [...numbersOf("TCP"), 22], UDP: [...numbersOf("UDP"), 123] };

/** The only one of ours that has Node.js. */
const IMAGE = storyImages().find((name) => name.includes("/clone-service:")) ?? "";
const images = async () => (await provideImages([IMAGE])).map(({ archive }) => archive);

/** Of these, a host outside of the cluster can be at all: there is no IPv6 on the real node. */
const OUTSIDE = Object.fromEntries(
  Object.entries(ADDRESSES).flatMap(([name, { address }]) => (isIPv4(address) ? [[name, address]] : [])),
);

const DENIED = "loomworks";

/** Elsewhere these addresses are somebody's. */
const itOnOurs = (process.env.KUBECONFIG_UNDER_TEST ?? "") === "" ? it : it.skip;

describeWithCluster("[LOOM-12] who reaches whom", { nodes: "real", enforcePolicies: true, images }, (cluster) => {
  let pods: ProbingPods;
  let addresses: Addresses;

  beforeAll(async () => {
    const policed = objects.filter(({ kind }) => kind === "Namespace" || kind === "NetworkPolicy");
    await cluster().apply([...namespacesOf(PROBING), ...policed]);
    pods = await ProbingPods.start(cluster(), IMAGE, PROBING, PORTS);
    addresses = { ...pods.addresses, dns: await addressOfDns(cluster()) };
  }, 1_800_000);

  /** What opened, and what the table says of it. */
  const reached = async (from: readonly string[], to: Addresses) => {
    const table = expected(from, to);
    const isExpected = (pair: string, protocol: Protocol, number: number) =>
      hasPort(table[pair] ?? [], protocol, number);
    const found = await pods.reached({ from, to, isExpected });
    return { open: texts(found, Object.keys(table)), table: texts(table), pairs: Object.keys(table).length };
  };

  it("is what the table says, by every connection of every pair, and nothing else", async () => {
    const { open, table, pairs } = await reached(Object.keys(PROBING), addresses);
    expect(open).toEqual(table);
    expect(pairs).toBeGreaterThan(900);
  });

  itOnOurs("is what the table says of addresses outside of the cluster, too", async () => {
    const args = ["-e", LISTEN, JSON.stringify(PORTS), JSON.stringify(Object.values(OUTSIDE))];
    await cluster().runOutside(Object.values(OUTSIDE), "node", args);
    const answered = async () => {
      // No policy holds it.
      const { internet = "" } = OUTSIDE;
      const found = await pods.reached({ from: ["otel"], to: { internet }, isExpected: () => false });
      return portText(found["otel → internet"] ?? []).includes("UDP");
    };
    await eventually(answered, { what: "the host outside listens" });
    const { open, table } = await reached(Object.keys(ours), OUTSIDE);
    expect(open).toEqual(table);
    expect(Object.keys(table).length).toBeGreaterThan(15);
  });

  it("would be more without the policy that refuses everything else", async () => {
    const denial = objects.find(
      ({ kind, metadata }) =>
        kind === "NetworkPolicy" && metadata.namespace === DENIED && metadata.name === "default-deny",
    );
    await cluster().client.delete(denial as KubeObject);
    const opens = async () => {
      const { open } = await reached(["default/traefik"], addresses);
      return open["default/traefik → loomworks/odoo-migrate"];
    };
    expect(await eventually(opens, { what: "a pod that no policy holds any more is reached" })).toContain("TCP 22");
  });
});

/**
 * The table for those whom our policies have something to say about, and what it admits to addresses where pods have such addresses, as
 * in a VPC whose CNI gives them its own.
 */
function expected(from: readonly string[], to: Addresses): Record<string, PortSet> {
  const table = admitted(ours);
  const pairs = from.flatMap((source) =>
    Object.entries(to)
      .filter(([target]) => source !== target && (source in ours || target in ours))
      .map(([target, address]) => ({ source, target, address })),
  );
  return Object.fromEntries(
    pairs.map(({ source, target, address }) => {
      const pair = `${source} → ${target}`;
      const byTable = readPorts(table[pair] ?? "");
      const pod = TARGETS[target];
      return [pair, pod ? union(byTable, byAddress(PROBING[source]!, pod, address)) : byTable];
    }),
  );
}

function byAddress(source: Pod, target: Pod, address: string): PortSet {
  const { egress } = verdict(policies, source, { address });
  if (!egress.isolated) return [];
  const admits = intersection(egress.ports, verdict(policies, source, target).ingress.ports);
  const probed = (["TCP", "UDP"] as const).flatMap((protocol) => PORTS[protocol].flatMap((one) => port(protocol, one)));
  return intersection(admits, union(probed));
}

/** Ports in words, of these pairs, without those that have none. */
function texts(found: Readonly<Record<string, PortSet>>, pairs = Object.keys(found)): Record<string, string> {
  const named = pairs.map((pair) => [pair, portText(found[pair] ?? [])] as const);
  return Object.fromEntries(named.filter(([, text]) => text !== ""));
}

/** What `portText` wrote, of single ports. */
function readPorts(text: string): PortSet {
  const protocols = text.split(" · ").filter((part) => part !== "");
  return union(
    ...protocols.flatMap((part) => {
      const [protocol = "", ...numbers] = part.split(/,? /);
      return numbers.map((number) => port(protocol as Protocol, Number(number)));
    }),
  );
}

function numbersOf(protocol: Protocol): number[] {
  const ranges = union(...Object.values(admitted(ours)).map(readPorts));
  const single = (range: PortRange) => Array.from({ length: range.last - range.first + 1 }, (_, i) => range.first + i);
  return ranges.filter((range) => range.protocol === protocol).flatMap(single);
}

function namespacesOf(pods: Readonly<Record<string, Pod>>): KubeObject[] {
  const names = new Set(Object.values(pods).map(({ namespace }) => namespace));
  return [...names]
    .filter((name) => !objects.some(({ kind, metadata }) => kind === "Namespace" && metadata.name === name))
    .map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
}

async function addressOfDns({ client }: Cluster): Promise<string> {
  const { namespace, labels } = PEERS.dns;
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const look = async () =>
    (await listPods(client, namespace, selector)).find(isReady)?.status.podIP as string | undefined;
  return await eventually(look, { what: "the cluster's DNS", timeoutMs: 120_000 });
}

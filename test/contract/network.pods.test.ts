/**
 * Who reaches whom in a whole stack, by real connections between real pods: the policies of dist, enforced by whatever the
 * cluster enforces them with, against the table that network.test.ts computes.
 */
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
import { readManifestsBelow } from "./documents";
import { admitted, IMPOSTORS, ourPods, PEER_PODS } from "./reachability";

const DIST = join(__dirname, "..", "..", "dist", "staging");

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

const WITHOUT_POLICY = "loomworks";

describeWithCluster("[LOOM-12] who reaches whom", { nodes: "real", enforcePolicies: true, images }, (cluster) => {
  let pods: ProbingPods;
  let addresses: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const policed = objects.filter(({ kind }) => kind === "Namespace" || kind === "NetworkPolicy");
    await cluster().apply([...namespacesOf(PROBING), ...policed]);
    pods = await ProbingPods.start(cluster(), IMAGE, PROBING, PORTS);
    addresses = { ...pods.addresses, dns: await addressOfDns(cluster()) };
  }, 1_800_000);

  const reached = async (from = Object.keys(PROBING)) => {
    const table = expected(addresses);
    const isExpected = (pair: string, protocol: Protocol, number: number) =>
      hasPort(table[pair] ?? [], protocol, number);
    return texts(await pods.reached({ from, to: addresses, isExpected }));
  };

  it("is what the table says, by every connection of every pair, and nothing else", async () => {
    expect(await reached()).toEqual(texts(expected(addresses)));
    expect(Object.keys(addresses).length).toBeGreaterThan(30);
  });

  it("would be more without the policy that refuses everything else", async () => {
    const [denial] = objects.filter(
      ({ kind, metadata }) =>
        kind === "NetworkPolicy" && metadata.namespace === WITHOUT_POLICY && metadata.name === "default-deny",
    );
    await cluster().client.delete(denial as KubeObject);
    const opens = async () => {
      const open = await reached(["default/traefik"]);
      return open["default/traefik → loomworks/odoo-migrate"];
    };
    expect(await eventually(opens, { what: "a pod that no policy holds any more is reached" })).toContain("TCP 22");
  });
});

/** The table, and what it admits to addresses where pods have such addresses, as in a VPC whose CNI gives them its own. */
function expected(addresses: Readonly<Record<string, string>>): Record<string, PortSet> {
  const table = admitted(ours);
  return Object.fromEntries(
    pairs().map(([pair, from, to]) => {
      const source = TARGETS[from]!;
      const target = TARGETS[to]!;
      const leaving = verdict(policies, source, { address: addresses[to] ?? "" }).egress;
      const byAddress = leaving.isolated
        ? intersection(leaving.ports, verdict(policies, source, target).ingress.ports)
        : [];
      return [pair, union(readPorts(table[pair] ?? ""), onlyProbed(byAddress))];
    }),
  );
}

/** Of two ends outside of our namespaces, our policies have nothing to say. */
function pairs(): [pair: string, from: string, to: string][] {
  return Object.keys(PROBING).flatMap((from) =>
    Object.keys(TARGETS)
      .filter((to) => from !== to && (from in ours || to in ours))
      .map((to): [string, string, string] => [`${from} → ${to}`, from, to]),
  );
}

function texts(found: Readonly<Record<string, PortSet>>): Record<string, string> {
  const asked = new Set(pairs().map(([pair]) => pair));
  const open = Object.entries(found).map(([pair, ports]) => [pair, portText(ports)] as const);
  return Object.fromEntries(open.filter(([pair, text]) => asked.has(pair) && text !== ""));
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

function onlyProbed(ports: PortSet): PortSet {
  const probed = (["TCP", "UDP"] as const).flatMap((protocol) =>
    PORTS[protocol].flatMap((number) => port(protocol, number)),
  );
  return intersection(ports, union(probed));
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

import { podsOf, POWERLESS } from "../../../clones/templates/accounts";
import { CLONE_LABELS, CLONE_NAMESPACES, CLONE_SERVICE_NAMESPACE, PEERS } from "../../../constructs/contract";
import { selectorLabels } from "../../../constructs/shared/labels";
import { policySetOf } from "../../../infra/plan/report/network/network";
import { hasPort, portText } from "../../../infra/plan/report/network/ports";
import { Party, Pod, PolicySet, verdict } from "../../../infra/plan/report/network/rules";
import { synthesizeClones } from "../../support/clone-charts";
import { synthesizeLoomworks } from "../../support/loomworks";

const { staging, production } = CLONE_NAMESPACES;
/** Where somebody might listen: Kubernetes' own ports, databases, WordPress. */
const PORTS = [22, 53, 80, 443, 587, 3306, 4318, 5432, 6379, 6443, 8000, 8069, 8080, 9090, 9121, 10250];

function pod(namespace: string, labels: Record<string, string>): Pod {
  return { namespace, labels, ports: PORTS.map((number) => ({ protocol: "TCP", number })) };
}

const labelled = ({ namespace, labels }: { namespace: string; labels: Readonly<Record<string, string>> }) =>
  pod(namespace, labels);
const clone = (name: string, namespace: string = staging) => pod(namespace, { [CLONE_LABELS.clone]: name });

/** Everybody that a clone could meet. */
const WORLD: Record<string, Party> = {
  "another clone": clone("clone-20260205-143023"),
  "a clone of the other namespace": clone("clone-20260205-143022", production),
  "a warm pod that is no clone's yet": pod(staging, { "app.kubernetes.io/name": "warm-pod" }),
  "the ingress controller": labelled(PEERS.ingress),
  DNS: labelled(PEERS.dns),
  Prometheus: labelled(PEERS.prometheus),
  KEDA: labelled(PEERS.keda),
  "the API": labelled(podsOf("service")),
  "a worker": labelled(podsOf("worker")),
  "the warm pool controller": labelled(podsOf("warmPool")),
  "the cleaner": labelled(podsOf("cleaner")),
  Redis: pod(CLONE_SERVICE_NAMESPACE, { ...selectorLabels(POWERLESS.redis) }),
  "the schema job": pod(CLONE_SERVICE_NAMESPACE, { ...selectorLabels(POWERLESS.schema) }),
  "the collector of traces": labelled(PEERS.otel),
  "somebody else in the service's namespace": pod(CLONE_SERVICE_NAMESPACE, { app: "stranger" }),
  "Odoo's database": pod("loomworks", {
    "app.kubernetes.io/name": "postgres",
    "app.kubernetes.io/part-of": "loomworks",
  }),
  "a pod that calls itself Traefik elsewhere": pod("default", { ...PEERS.ingress.labels }),
  "the API server by its Service": { address: "10.96.0.1" },
  "the API server itself": { address: "10.0.12.7" },
  "EKS' range of Services": { address: "172.20.0.1" },
  "the shared database": { address: "10.0.64.10" },
  "the jobs database": { address: "10.0.128.10" },
  "a node": { address: "192.168.4.20" },
  "the instance metadata": { address: "169.254.169.254" },
  "EKS' pod identity agent": { address: "169.254.170.23" },
  "carrier-grade addresses": { address: "100.64.1.1" },
  "the public internet": { address: "203.0.113.7" },
  "the internet of IPv6": { address: "2001:db8::7" },
  "the instance metadata by IPv6": { address: "fd00:ec2::254" },
};

const objects = [
  ...synthesizeClones({
    sharedDatabase: { network: "10.0.64.0/18" },
    apiServer: { network: "10.0.0.0/18" },
    service: { jobsDatabase: { network: "10.0.128.0/18" } },
  }).objects,
  ...synthesizeLoomworks().objects,
];
const rules: PolicySet = policySetOf(objects);

/** Ports that `from` reaches at `to`, of those where somebody listens, and DNS' own. */
function reach(from: Party, to: Party): string {
  const { ports } = verdict(rules, from, to);
  const open = PORTS.filter((number) => hasPort(ports, "TCP", number)).map(String);
  if (open.length === PORTS.length) return "everything";
  return [...open, ...(hasPort(ports, "UDP", 53) ? ["53 by UDP"] : [])].join(", ");
}

/** Those that somebody reaches, or is reached by, with the ports; the rest is refused. */
function matrix(reached: (other: Party) => string): Record<string, string> {
  const rows = Object.entries(WORLD).map(([name, other]) => [name, reached(other)] as const);
  return Object.fromEntries(rows.filter(([, ports]) => ports !== ""));
}

describe.each([staging, production])("A clone in %s", (namespace) => {
  const mine = clone("clone-20260205-143022-mine", namespace);

  it("[CLONE-09] reaches its database, DNS and the public internet, and nothing else of the cluster", () => {
    expect(matrix((other) => reach(mine, other))).toEqual({
      DNS: "53, 53 by UDP",
      "the shared database": "3306",
      "the public internet": "80, 443",
    });
  });

  it("[CLONE-09] is reached by the ingress controller, the API and the workers, on one port", () => {
    expect(matrix((other) => reach(other, mine))).toEqual({
      "the ingress controller": "8080",
      "the API": "8080",
      "a worker": "8080",
    });
  });

  it("reaches no other port of the shared database's network", () => {
    expect(portText(verdict(rules, mine, WORLD["the shared database"]!).ports)).toBe("TCP 3306");
  });
});

describe("A pod of the warm pool", () => {
  it("reaches DNS alone until it is somebody's clone (decision 31)", () => {
    const warm = WORLD["a warm pod that is no clone's yet"]!;
    expect(matrix((other) => reach(warm, other))).toEqual({ DNS: "53, 53 by UDP" });
    expect(matrix((other) => reach(other, warm))).toEqual({});
  });
});

describe("[CLONE-11] What the service's processes reach", () => {
  const SHARED = {
    DNS: "53, 53 by UDP",
    "the API server itself": "443",
    "another clone": "8080",
    "a clone of the other namespace": "8080",
    Redis: "6379",
    "the jobs database": "3306",
    "the collector of traces": "4318",
  };

  it.each<[string, Record<string, string>]>([
    ["the API", SHARED],
    ["a worker", { ...SHARED, "the public internet": "80, 443" }],
    ["the warm pool controller", { DNS: "53, 53 by UDP", "the API server itself": "443" }],
    ["the schema job", { DNS: "53, 53 by UDP", "the jobs database": "3306" }],
    ["Redis", { DNS: "53, 53 by UDP" }],
  ])("%s", (name, reached) => {
    expect(matrix((other) => reach(WORLD[name]!, other))).toEqual(reached);
  });
});

describe("[CLONE-11] Who reaches", () => {
  it.each<[string, Record<string, string>]>([
    ["the API", { "the ingress controller": "8000", Prometheus: "9090" }],
    ["a worker", { Prometheus: "9090" }],
    ["the warm pool controller", { Prometheus: "9090" }],
    ["the schema job", {}],
  ])("%s", (name, reached) => {
    expect(matrix((other) => reach(other, WORLD[name]!))).toEqual(reached);
  });

  it("[PLAT-05] Redis: nobody but who works with the queue, and its figures Prometheus alone", () => {
    const reached = { "the API": "6379", "a worker": "6379", KEDA: "6379", Prometheus: "9121" };
    expect(matrix((other) => reach(other, WORLD.Redis!))).toEqual(reached);
  });
});

describe("[CLONE-11] A worker whose stack clones private sites", () => {
  const closed = policySetOf(synthesizeClones({ service: { allowPrivateSources: true } }).objects);
  const ports = (end: string) => portText(verdict(closed, WORLD["a worker"]!, WORLD[end]!).ports);

  it("reaches them on the ports of the web and of pods that serve it, and nobody's metadata", () => {
    const web = "TCP 80, 443, 8080";
    expect([ports("a node"), ports("EKS' range of Services")]).toEqual([web, web]);
    expect([ports("the instance metadata"), ports("EKS' pod identity agent")]).toEqual(["", ""]);
  });
});

describe("The cleaner", () => {
  const cleaner = WORLD["the cleaner"]!;

  it("[CLONE-08] reaches the API server, the shared database and DNS", () => {
    expect(matrix((other) => reach(cleaner, other))).toEqual({
      DNS: "53, 53 by UDP",
      "the API server itself": "443",
      "the shared database": "3306",
    });
  });

  it("is reached by nobody", () => {
    expect(matrix((other) => reach(other, cleaner))).toEqual({});
  });
});

/** Pods that listen on given ports and tell whom of each other they reach: NetworkPolicies by real connections. */
import { PortSet, port, union } from "../../infra/plan/report/network/ports";
import type { Pod } from "../../infra/plan/report/network/rules";
import { Cluster, eventually, isReady, KubeObject } from "../cluster";
import { execInPod } from "./exec-in-pod";
import { CONNECT, LISTEN } from "./probing-scripts";

export interface ProbedPorts {
  readonly TCP: readonly number[];
  readonly UDP: readonly number[];
}

export interface Probe {
  /** Names of those who ask. */
  readonly from: readonly string[];
  /** Addresses by name. */
  readonly to: Readonly<Record<string, string>>;
  /** A busy machine may be late: a connection that is expected gets a second, longer try. @param pair as `from → to` */
  readonly isExpected: (pair: string, protocol: keyof ProbedPorts, number: number) => boolean;
}

/** A connection to try. */
interface Try {
  readonly pair: string;
  readonly address: string;
  readonly protocol: keyof ProbedPorts;
  readonly number: number;
}

/** Milliseconds that a connection may take: first, and then once more if it is expected. */
const WAITS = { first: 1_500, again: 8_000 } as const;

/** Pods that ask at once: each starts a Node.js for it. */
const AT_ONCE = 4;

const CONTAINER = "probe";

/** By name. */
export class ProbingPods {
  private constructor(
    private readonly cluster: Cluster,
    private readonly pods: ReadonlyMap<string, KubeObject>,
    private readonly ports: ProbedPorts,
  ) {}

  /** Starts them, and returns when all of them listen. @param image one that has Node.js */
  static async start(
    cluster: Cluster,
    image: string,
    pods: Readonly<Record<string, Pod>>,
    ports: ProbedPorts,
  ): Promise<ProbingPods> {
    const manifests = Object.entries(pods).map(([name, pod]) => [name, manifestOf(name, pod, image, ports)] as const);
    await cluster.apply(manifests.map(([, manifest]) => manifest));
    const running = manifests.map(async ([name, manifest]) => [name, await whenReady(cluster, manifest)] as const);
    return new ProbingPods(cluster, new Map(await Promise.all(running)), ports);
  }

  /** Where each of them is. */
  get addresses(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.pods].map(([name, { status }]) => [name, String(status.podIP)]));
  }

  /** @returns ports by `from → to`; pairs without any aren't in it */
  async reached(probe: Probe): Promise<Record<string, PortSet>> {
    const found: Record<string, PortSet> = {};
    const waiting = [...probe.from];
    const work = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        for (const { pair, protocol, number } of await this.reachedBy(name, probe)) {
          found[pair] = union(found[pair] ?? [], port(protocol, number));
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return found;
  }

  private async reachedBy(name: string, { to, isExpected }: Probe): Promise<Try[]> {
    const tries = Object.entries(to)
      .filter(([target]) => target !== name)
      .flatMap(([target, address]) => this.triesOf({ pair: `${name} → ${target}`, address }));
    const open = await this.answered(name, tries, WAITS.first);
    const late = tries.filter((one) => !open.includes(one) && isExpected(one.pair, one.protocol, one.number));
    return late.length === 0 ? open : [...open, ...(await this.answered(name, late, WAITS.again))];
  }

  private triesOf(end: Pick<Try, "pair" | "address">): Try[] {
    const protocols = ["TCP", "UDP"] as const;
    return protocols.flatMap((protocol) => this.ports[protocol].map((number) => ({ ...end, protocol, number })));
  }

  private async answered(name: string, tries: readonly Try[], wait: number): Promise<Try[]> {
    const { namespace = "", name: pod } = this.pods.get(name)!.metadata;
    // Addresses are few and ports are many: so the question fits into a request's first line.
    const question = [...new Set(tries.map(({ address }) => address))].map((address) => {
      const numbersOf = (wanted: string) =>
        tries.flatMap((one) => (one.address === address && one.protocol === wanted ? [one.number] : []));
      return [address, numbersOf("TCP"), numbersOf("UDP")];
    });
    const command = ["node", "-e", CONNECT, JSON.stringify([question, wait])];
    const answer = await execInPod(this.cluster.config, namespace, pod, {
      container: CONTAINER,
      command,
      seconds: 120,
    });
    const open = new Set(JSON.parse(answer) as string[]);
    return tries.filter(({ address, protocol, number }) => open.has(`${protocol} ${address} ${number}`));
  }
}

async function whenReady({ client }: Cluster, pod: KubeObject): Promise<KubeObject> {
  const what = `pod ${pod.metadata.name} ready`;
  const look = async () => {
    const now = await client.get(pod);
    return isReady(now) && now;
  };
  return await eventually(look, { what, timeoutMs: 180_000 });
}

/** As restricted as the namespaces of dist ask for. */
function manifestOf(name: string, { namespace, labels }: Pod, image: string, ports: ProbedPorts): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `probe-${name.replaceAll(/[^a-z0-9]+/g, "-")}`, namespace, labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: "RuntimeDefault" },
        sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
      },
      containers: [
        {
          name: CONTAINER,
          image,
          command: ["node", "-e", LISTEN, JSON.stringify(ports)],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          readinessProbe: { tcpSocket: { port: ports.TCP.at(-1) }, periodSeconds: 1 },
          resources: { requests: { cpu: "1m", memory: "16Mi" } },
        },
      ],
    },
  };
}

/** Ways from this machine to Services, through the API server: they work wherever kubectl's port-forward does. */
import { createServer, Server, Socket } from "node:net";
import { once } from "node:events";
import { PortForward } from "@kubernetes/client-node";
import { Cluster, ClusterError, KubeObject, readyPods } from "../cluster";

const HOST = "127.0.0.1";

export class Reaches {
  private readonly forward: PortForward;
  private readonly doors = new Map<string, Promise<Door>>();

  constructor(private readonly cluster: Pick<Cluster, "client" | "config">) {
    this.forward = new PortForward(cluster.config);
  }

  /** `http://127.0.0.1:<port>`; asked for twice, it is the same. @param port of the Service */
  async to(namespace: string, service: string, port: number): Promise<string> {
    const key = `${namespace}/${service}:${port}`;
    const door = this.doors.get(key) ?? this.open(namespace, service, port);
    this.doors.set(key, door);
    // What failed is tried again by the next who asks.
    door.catch(() => this.doors.delete(key));
    return `http://${HOST}:${(await door).port}`;
  }

  /** Closes every way, and the connections on them. */
  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.doors.values());
    for (const result of opened) if (result.status === "fulfilled") result.value.close();
    this.doors.clear();
  }

  private async open(namespace: string, name: string, port: number): Promise<Door> {
    const service = await this.cluster.client.get({ apiVersion: "v1", kind: "Service", metadata: { namespace, name } });
    const named = service.spec.ports.find((candidate: any) => candidate.port === port);
    if (named === undefined) throw noWay(service, `it has no port ${port}`);
    return await Door.open(async (socket) => {
      const pod = await this.podBehind(service);
      await this.forward.portForward(namespace, pod.metadata.name, [portOf(pod, named)], socket, null, socket);
    });
  }

  private async podBehind(service: KubeObject): Promise<KubeObject> {
    const { metadata, spec } = service;
    const selector = Object.entries(spec.selector ?? {}).map(([key, value]) => `${key}=${String(value)}`);
    const pods = await readyPods(this.cluster.client, metadata.namespace ?? "default", selector.join(","));
    const pod = pods[Math.floor(Math.random() * pods.length)];
    if (pod === undefined) throw noWay(service, "no ready pod is behind it");
    return pod;
  }
}

/** A port of this machine, whose connections go somewhere else. */
class Door {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async open(connect: (socket: Socket) => Promise<void>): Promise<Door> {
    const server = createServer();
    const door = new Door(server);
    server.on("connection", (socket) => {
      door.sockets.add(socket);
      socket.on("close", () => door.sockets.delete(socket));
      // A pod that ended takes its connections along: the caller sees a closed one, as it would from a Service.
      socket.on("error", () => socket.destroy());
      connect(socket).catch(() => socket.destroy());
    });
    server.listen(0, HOST);
    await once(server, "listening");
    return door;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

function portOf(pod: KubeObject, { targetPort, port }: { targetPort?: number | string; port: number }): number {
  if (typeof targetPort !== "string") return targetPort ?? port;
  const ports = pod.spec.containers.flatMap((container: any) => container.ports ?? []);
  return ports.find(({ name }: any) => name === targetPort)?.containerPort ?? port;
}

function noWay({ metadata }: KubeObject, reason: string): ClusterError {
  return new ClusterError({
    code: "E2E_REACH",
    path: `${metadata.namespace ?? ""}/${metadata.name}`,
    value: null,
    reason,
    remedy: "Look at the Service's selector and at its pods",
  });
}

import { synthesizeClones } from "../../../support/clone-charts";

const { objects } = synthesizeClones();
const named = (kind: string, name = "clone-redis"): any =>
  objects.find((one) => one.kind === kind && one.metadata.name === name);

describe("[PLAT-05] Redis", () => {
  const { spec } = named("StatefulSet");
  const [redis, exporter] = spec.template.spec.containers;

  it("is one server with a volume of its own", () => {
    expect(spec.replicas).toBe(1);
    expect(spec.template.spec.volumes).toContainEqual({
      name: "data",
      persistentVolumeClaim: { claimName: "clone-redis-data" },
    });
  });

  it("is exposed by a Service without an address, and by nothing else", () => {
    const { clusterIP, type = "ClusterIP", externalIPs } = named("Service").spec;
    expect({ clusterIP, type, externalIPs }).toEqual({ clusterIP: "None", type: "ClusterIP", externalIPs: undefined });
    const leading = objects.filter(({ kind, spec: text }) => {
      return kind !== "ScaledObject" && /Ingress|Route$|^Service$/.test(kind) && JSON.stringify(text).includes("redis");
    });
    expect(leading.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(["Service clone-redis"]);
    expect(spec.template.spec.hostNetwork).toBeUndefined();
    expect([redis, exporter].flatMap(({ ports }) => ports).filter((port) => port.hostPort !== undefined)).toEqual([]);
  });

  it("has limits in every container, and twice the memory that its data may take", () => {
    const { containers, initContainers } = spec.template.spec;
    for (const { name, resources } of [...containers, ...initContainers]) {
      expect([name, resources.limits]).toEqual([name, { cpu: expect.anything(), memory: expect.anything() }]);
    }
    const [, megabytes] = /^maxmemory (\d+)mb$/m.exec(named("ConfigMap", "clone-redis-config").data["redis.conf"])!;
    expect(redis.resources.limits.memory).toBe(`${2 * Number(megabytes)}Mi`);
  });

  it("is read by Prometheus at the exporter's port", () => {
    const monitor = named("ServiceMonitor").spec;
    const service = named("Service");
    expect(service.metadata.labels).toMatchObject(monitor.selector.matchLabels);
    const { targetPort } = service.spec.ports.find(({ name }: any) => name === monitor.endpoints[0].port);
    expect(exporter.ports.map(({ name }: any) => name)).toEqual([targetPort]);
    expect(monitor.endpoints).toHaveLength(1);
  });

  it("has its password from a Secret, and no container has it in words", () => {
    const variables = [exporter, spec.template.spec.initContainers[0]].flatMap(({ env }: any) => env);
    const passwords = variables.filter(({ name }: any) => name === "REDIS_PASSWORD");
    const valueFrom = { secretKeyRef: { name: "clone-redis", key: "password" } };
    expect(passwords).toEqual([
      { name: "REDIS_PASSWORD", valueFrom },
      { name: "REDIS_PASSWORD", valueFrom },
    ]);
    expect(redis.env).toBeUndefined();
  });
});

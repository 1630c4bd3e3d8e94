import { apiServerOf } from "../platform/api-server";
import type { World } from "../world";

/**
 * The same world, with Services reached by their addresses, as pods reach them: the way through the API server ends with the
 * kubelet. Where this machine isn't the node, it is the world as it was given.
 */
export function directly(world: World): World {
  const { client, external, enforcesPolicies } = world.cluster;
  if (external) return world;
  return {
    cluster: world.cluster,
    settings: world.settings,
    seed: world.seed,
    reach: async (namespace, name, port) => {
      const { spec } = await client.get({ apiVersion: "v1", kind: "Service", metadata: { namespace, name } });
      if (spec.clusterIP === "None") return await world.reach(namespace, name, port);
      if (enforcesPolicies) await admit(world, namespace);
      return `http://${String(spec.clusterIP)}:${port}`;
    },
    secret: (namespace, name) => world.secret(namespace, name),
    rotate: (secret) => world.rotate(secret),
  };
}

const ADMITTANCE = "e2e-this-machine";

/** Lets this machine in, which is nobody whom the policies of dist know: it has the API server's address. */
async function admit({ cluster }: World, namespace: string): Promise<void> {
  const policies = await cluster.client.list("networking.k8s.io/v1", "NetworkPolicy", namespace);
  // Where there is none, one would shut everybody else out; where this one is, it is enough.
  if (policies.length === 0 || policies.some(({ metadata }) => metadata.name === ADMITTANCE)) return;
  const server = await apiServerOf(cluster);
  const from = [{ ipBlock: { cidr: `${server?.address ?? ""}/32` } }];
  await cluster.apply([
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: ADMITTANCE, namespace },
      spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from }] },
    },
  ]);
}

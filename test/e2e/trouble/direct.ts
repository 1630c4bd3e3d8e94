import type { World } from "../world";

/**
 * The same world, with Services reached by their addresses, as pods reach them: the way through the API server ends with the
 * kubelet. Where this machine isn't the node, it is the world as it was given.
 */
export function directly(world: World): World {
  const { client, external } = world.cluster;
  if (external) return world;
  return {
    cluster: world.cluster,
    settings: world.settings,
    seed: world.seed,
    reach: async (namespace, name, port) => {
      const { spec } = await client.get({ apiVersion: "v1", kind: "Service", metadata: { namespace, name } });
      return spec.clusterIP === "None"
        ? await world.reach(namespace, name, port)
        : `http://${String(spec.clusterIP)}:${port}`;
    },
    secret: (namespace, name) => world.secret(namespace, name),
    rotate: (secret) => world.rotate(secret),
  };
}

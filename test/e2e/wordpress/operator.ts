/** What an operator does before anybody can ask for clones: makes an API key, by the command in a pod of the API. */
import { ACCOUNTS } from "../../../clones/templates/accounts";
import { CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { readyPods } from "../../cluster";
import { execInPod } from "../../support/exec-in-pod";
import type { World } from "../world";
import { Caller } from "./caller";

/** The story's tenant. */
const TENANT = "agency";

/** Whoever waits for jobs looks often. */
const RATE_PER_MINUTE = "100000";

/** A caller with a key of its own (docs/service.md, "Commands"). */
export async function newCaller(world: Pick<World, "cluster" | "reach">): Promise<Caller> {
  const { client, config } = world.cluster;
  const [pod] = await readyPods(client, CLONE_SERVICE_NAMESPACE, `app.kubernetes.io/name=${ACCOUNTS.service}`);
  if (pod === undefined) throw new Error("no pod of the API is ready");
  const keys = ["node", "cli/main.js", "keys", "create", "--tenant", TENANT, "--rate", RATE_PER_MINUTE, "--json"];
  const task = { container: ACCOUNTS.service, command: keys, seconds: 30 };
  const said = await execInPod(config, CLONE_SERVICE_NAMESPACE, pod.metadata.name, task);
  const { text } = JSON.parse(said);
  return new Caller(await world.reach(CLONE_SERVICE_NAMESPACE, ACCOUNTS.service, 80), String(text));
}

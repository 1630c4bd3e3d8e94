/** Where random values are kept between runs, as Pulumi keeps them in its state: in the cluster that they are for. */
import { applyStrict, ClusterClient, KubeObject } from "../../../cluster";
import { MadeValues, RandomValues } from "./random-values";

const NAMESPACE = "loomworks-state";
const NAME = "random-values";
const KEY = "values";

export async function readValues(client: ClusterClient): Promise<RandomValues> {
  const kept = await client.find(secret({}));
  const text = Buffer.from(String(kept?.data[KEY] ?? ""), "base64").toString();
  return new RandomValues(text === "" ? {} : (JSON.parse(text) as MadeValues));
}

/** Before anything is applied: what was made must not be made again by the next run, wherever this one ends. */
export async function keepValues(client: ClusterClient, values: RandomValues): Promise<void> {
  const namespace: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } };
  await applyStrict(client, [namespace, secret(values.all)]);
}

function secret(values: MadeValues): KubeObject {
  const data = { [KEY]: Buffer.from(JSON.stringify(values)).toString("base64") };
  return { apiVersion: "v1", kind: "Secret", metadata: { name: NAME, namespace: NAMESPACE }, type: "Opaque", data };
}

/** Whether NetworkPolicies hold: an engine that runs, and can't write its rules, lets everything through. */
import { once } from "node:events";
import { connect } from "node:net";
import type { ClusterClient, KubeObject } from "../client";
import { ClusterError } from "../errors";
import { eventually } from "../eventually";
import { isReady } from "../pods";
import { PAUSE_IMAGE } from "./configuration";

const NAME = "policy-probe";
const PORT = 8080;

/** Milliseconds that a connection may take before it counts as refused: over one cable it takes less than one. */
const PATIENCE = 500;

const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAME } };

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: NAME, namespace: NAME },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "web",
        image: PAUSE_IMAGE,
        command: ["/bin/busybox", "httpd", "-f", "-p", String(PORT)],
        readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
      },
    ],
  },
};

const NOBODY = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: NAME, namespace: NAME },
  spec: { podSelector: {}, policyTypes: ["Ingress"] },
};

/**
 * Asks a pod from this machine, before and after a policy that admits nobody.
 *
 * @throws {ClusterError} CLUSTER_NODE_UNPOLICED if it answers all the same
 */
export async function assertPoliciesHold(client: ClusterClient): Promise<void> {
  await client.create(NAMESPACE);
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: NAME } };
  await eventually(() => client.find(account), { what: "its service account" });
  await client.create(POD);
  try {
    const ready = async () => readyOf(await client.get(POD));
    const address = await eventually(ready, { what: `pod ${NAME} ready`, timeoutMs: 60_000 });
    await eventually(() => answers(address), { what: "an answer of a pod that no policy holds" });
    await client.create(NOBODY);
    await eventually(async () => !(await answers(address)), { what: "policies that hold", timeoutMs: 20_000 }).catch(
      () => {
        throw unpoliced();
      },
    );
  } finally {
    await client.delete(NAMESPACE);
  }
}

function readyOf(pod: KubeObject): string | undefined {
  return isReady(pod) ? String(pod.status.podIP) : undefined;
}

async function answers(host: string): Promise<boolean> {
  const socket = connect({ host, port: PORT });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function unpoliced(): ClusterError {
  return new ClusterError({
    code: "CLUSTER_NODE_UNPOLICED",
    path: "enforcePolicies",
    value: true,
    reason: "a pod answers although a NetworkPolicy admits nobody: the engine runs, and its rules are not in force",
    remedy: "Read its log in the cluster's folder; its kernel may lack NFT_QUEUE (docs/test-cluster.md)",
  });
}

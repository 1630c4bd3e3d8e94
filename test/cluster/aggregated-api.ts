import { applyStrict } from "./apply";
import type { ClusterClient } from "./client";
import { eventually } from "./eventually";

/** An API that a server on this machine answers. */
export interface AggregatedApi {
  /** Such as `metrics.k8s.io/v1beta1`. */
  readonly groupVersion: string;
  /** Name of the Service that is made for it, in kube-system. */
  readonly service: string;
  /** Where it listens on localhost, with any certificate. */
  readonly port: number;
}

const NAMESPACE = "kube-system";

/** Registers an APIService and returns when the API server finds it available. */
export async function serveAggregatedApi(client: ClusterClient, api: AggregatedApi): Promise<void> {
  const [group = "", version = ""] = api.groupVersion.split("/");
  const apiService = {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: `${version}.${group}` },
    spec: {
      group,
      version,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { namespace: NAMESPACE, name: api.service, port: api.port },
    },
  };
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: NAMESPACE, name: api.service },
    // The API server runs on this machine too: the name leads back to it.
    spec: { type: "ExternalName", externalName: "localhost", ports: [{ port: api.port }] },
  };
  await applyStrict(client, [service, apiService], { force: true });
  const isAvailable = ({ type, status }: any) => type === "Available" && status === "True";
  await eventually(async () => (await client.get(apiService)).status?.conditions?.some(isAvailable), {
    what: `API ${api.groupVersion} available`,
  });
}

import { Finding, ResourceRule } from "../rule";
import { Demand, isGiven, isOn, isUnknown, listOf, unmet, valueAt } from "../values";
import { isWorld } from "./network-is-closed";

/** All that EKS has (EKS API, LogType). */
const LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/** Where the same settings stand: in the component's inputs, and in those of the cluster that it makes. */
const PATHS: Readonly<Record<string, { readonly authentication: string; readonly endpoint: string }>> = {
  "eks:index:Cluster": { authentication: "authenticationMode", endpoint: "" },
  "aws:eks/cluster:Cluster": { authentication: "accessConfig.authenticationMode", endpoint: "vpcConfig." },
};

export const clusterIsClosed: ResourceRule = {
  name: "cluster-is-closed",
  description:
    "The cluster knows people by access entries alone, answers nodes within the VPC and only named networks from outside, and logs all: the API server rules over everything that runs.",
  check: ({ type, props }): Finding[] => {
    const paths = PATHS[type];
    return paths === undefined ? [] : unmet(props, demandsOf(paths, props));
  },
};

function demandsOf({ authentication, endpoint }: NonNullable<(typeof PATHS)[string]>, props: object): Demand[] {
  const isPublic = valueAt(props, `${endpoint}endpointPublicAccess`);
  return [
    {
      path: authentication,
      holds: (value) => value === "API",
      reason: "who may edit the ConfigMap aws-auth could make anybody an administrator",
      remedy: 'Set it to "API"',
    },
    {
      path: `${endpoint}endpointPrivateAccess`,
      holds: isOn,
      reason: "nodes would reach the API server through the internet",
      remedy: "Set it to true",
    },
    ...(isPublic === undefined || isOn(isPublic) ? [publicNetworks(endpoint)] : []),
    {
      path: "enabledClusterLogTypes",
      holds: (value) => LOGS.every((log) => listOf(value).includes(log) || listOf(value).some(isUnknown)),
      reason: "what isn't logged can't be looked into afterwards",
      remedy: `Give ${LOGS.join(", ")}`,
    },
  ];
}

/** Without a list, EKS takes the whole internet. */
function publicNetworks(endpoint: string): Demand {
  return {
    path: `${endpoint}publicAccessCidrs`,
    holds: (value) => isGiven(value) && listOf(value).length > 0 && !listOf(value).some(isWorld),
    reason: "the whole internet may knock at the API server",
    remedy: "Name the networks of office and CI in aws.cluster.publicAccess",
  };
}

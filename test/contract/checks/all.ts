import { checkDuplicates, checkNames, checkNamespaces } from "./identity";
import { Check } from "./manifest";
import { checkAlertNames, checkPodMonitors, checkServiceMonitors } from "./monitoring";
import { checkPodSecurity, PodSecurityException } from "./pod-security";
import { checkPolicyPeers, checkPolicyPorts } from "./policies";
import { checkPodReferences, checkSecretReaders, Given } from "./references";
import { checkAutoscalers, checkDisruptionBudgets, checkResources, checkScaledObjects } from "./scaling";
import { checkSchemas } from "./schemas";
import { checkScripts } from "./scripts";
import { checkIngresses, checkIngressRoutes, checkServices, checkTraefikAnnotations } from "./traffic";
import { checkImages, checkMounts, checkPorts, checkSecrets, checkWorkloadSelectors } from "./workloads";

/** Everything that must hold of what is applied together, by the sentence that says it. */
export function checksWith(given: Given, exceptions: readonly PodSecurityException[]) {
  return {
    "has documents that the pinned Kubernetes and CRDs know, field by field": checkSchemas,
    "puts each object into a namespace, if its kind lives in one": checkNamespaces,
    "names each object, label and annotation as the cluster lets it": checkNames,
    "gives no object twice": checkDuplicates,
    "has workloads that select their own pods": checkWorkloadSelectors,
    "mounts each volume of a pod, and only these": checkMounts,
    "starts scripts that there are, with what they call": checkScripts,
    "probes ports that containers have": checkPorts,
    "pins each image": checkImages,
    "[LOOM-06] holds no secret": checkSecrets,
    "[LOOM-06] gives each Secret to the pods that need it, and to no other": checkSecretReaders(given),
    "[LOOM-06] refers to ConfigMaps, Secrets, claims and accounts that there are, and to keys in them":
      checkPodReferences(given),
    "keeps Pod Security restricted, but for the exceptions written down": checkPodSecurity(exceptions),
    "[LOOM-16] says for each container what it needs": checkResources,
    "[LOOM-10] scales what there is, by what it requests": checkAutoscalers,
    "[PLAT-04] has KEDA scale what there is, by credentials that there are": checkScaledObjects,
    "[LOOM-11] protects pods that there are, and still lets nodes be drained": checkDisruptionBudgets,
    "[LOOM-08] has pods behind each Service, listening where it sends": checkServices,
    "[LOOM-09] sends each Ingress to a Service's port, with a certificate that somebody issues": checkIngresses,
    "[LOOM-09] sends each IngressRoute to a Service's port, through middlewares that there are": checkIngressRoutes,
    "[LOOM-09] names objects of Traefik that there are": checkTraefikAnnotations,
    "[LOOM-12] has policies for pods and peers that there are": checkPolicyPeers(given),
    "[LOOM-12] opens ports that somebody listens on": checkPolicyPorts,
    "[LOOM-13] scrapes Services and ports that there are": checkServiceMonitors,
    "[LOOM-13] scrapes pods and ports that there are": checkPodMonitors,
    "[LOOM-13] calls each alert by a name of its own": checkAlertNames,
  } as const satisfies Record<string, Check>;
}

/** What a check says of dist. */
export type Title = keyof ReturnType<typeof checksWith>;

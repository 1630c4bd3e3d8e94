import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterAccess } from "./kubeconfig";

/** The one provider of everything in the cluster. Its kubeconfig is a secret of the state, for `destroy` needs it too. */
export function createClusterProvider(name: string, access: ClusterAccess): k8s.Provider {
  return new k8s.Provider(name, {
    kubeconfig: pulumi.secret(access.kubeconfig),
    // Without it Pulumi guesses from the kubeconfig's text, and a renewed certificate could replace everything.
    clusterIdentifier: access.identifier,
    // Changed in place: otherwise a Secret or ConfigMap is deleted and made anew, and pods that start between find none.
    enableSecretMutable: true,
    enableConfigMapMutable: true,
  });
}

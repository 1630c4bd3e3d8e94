import { KUBELET_CLIENT } from "../pki";
import { httpAnswers } from "../probe";
import { kubernetesProgram } from "./kubernetes";

/**
 * The API server, with its default admission (so with PodSecurity, ResourceQuota and LimitRanger), RBAC, and what
 * aggregated APIs need.
 */
export const kubeApiserver = kubernetesProgram("kube-apiserver", 7, {
  versionArgs: ["--version"],
  run: {
    ports: ["api"],
    args: (site) => [
      `--etcd-servers=http://127.0.0.1:${site.port("etcd")}`,
      `--bind-address=${site.address}`,
      `--advertise-address=${site.address}`,
      `--secure-port=${site.port("api")}`,
      `--tls-cert-file=${site.path("pki/serving.crt")}`,
      `--tls-private-key-file=${site.path("pki/serving.key")}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${site.path("pki/service-account.key")}`,
      `--service-account-signing-key-file=${site.path("pki/service-account.key")}`,
      `--token-auth-file=${site.path("pki/tokens.csv")}`,
      "--authorization-mode=RBAC",
      `--service-cluster-ip-range=${site.services}`,
      `--kubelet-client-certificate=${site.path(`pki/${KUBELET_CLIENT}.crt`)}`,
      `--kubelet-client-key=${site.path(`pki/${KUBELET_CLIENT}.key`)}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--allow-privileged",
      `--requestheader-client-ca-file=${site.path("pki/front-proxy-ca.crt")}`,
      "--requestheader-allowed-names=front-proxy-client",
      "--requestheader-username-headers=X-Remote-User",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      `--proxy-client-cert-file=${site.path("pki/front-proxy-client.crt")}`,
      `--proxy-client-key-file=${site.path("pki/front-proxy-client.key")}`,
      ...(site.settings.audit
        ? [`--audit-policy-file=${site.path("audit-policy.yaml")}`, `--audit-log-path=${site.path("logs/audit.log")}`]
        : []),
      ...site.settings.apiServerArgs,
    ],
    ready: (site) => httpAnswers(`${site.server}/readyz`),
  },
});

/** Has everything fit a node of 2 CPUs: what pods ask for is capped as they are made, what they may take stays as in dist. */
import type { KubeObject } from "../../cluster";

/** The most that a container of the product asks for here. */
const CPU_REQUEST = "50m";

const NAME = "small-machine";

const API = "admissionregistration.k8s.io/v1";

/** Each container by its place, since a JSON patch has no names. */
const CAPS = ["containers", "initContainers"]
  .map((list) =>
    [
      `(has(object.spec.${list}) ? object.spec.${list} : []).transformList(index, container,`,
      `has(container.resources) && has(container.resources.requests) && "cpu" in container.resources.requests`,
      `&& quantity(container.resources.requests["cpu"]).isGreaterThan(quantity("${CPU_REQUEST}")),`,
      `JSONPatch{op: "replace", path: "/spec/${list}/" + string(index) + "/resources/requests/cpu", value: "${CPU_REQUEST}"})`,
    ].join(" "),
  )
  .join(" + ");

/**
 * A MutatingAdmissionPolicy and its binding. Kubernetes serves them since 1.36; an older cluster has to be larger.
 *
 * @param namespaces whose pods are capped
 */
export function overcommit(namespaces: readonly string[]): KubeObject[] {
  const pods = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] };
  const among = { key: "kubernetes.io/metadata.name", operator: "In", values: [...namespaces] };
  return [
    {
      apiVersion: API,
      kind: "MutatingAdmissionPolicy",
      metadata: { name: NAME },
      spec: {
        failurePolicy: "Fail",
        reinvocationPolicy: "Never",
        matchConstraints: { resourceRules: [pods], namespaceSelector: { matchExpressions: [among] } },
        mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: CAPS } }],
      },
    },
    {
      apiVersion: API,
      kind: "MutatingAdmissionPolicyBinding",
      metadata: { name: NAME },
      spec: { policyName: NAME },
    },
  ];
}

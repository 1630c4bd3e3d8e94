/** What is wrong with single objects. */
import { Examples, pod, web } from "./example";

export const OBJECTS = {
  "has documents that the pinned Kubernetes and CRDs know, field by field": [
    [
      "an unknown field",
      "Deployment shop/web",
      (doc) => (pod(doc).replicas = 2),
      "spec.template.spec: has no field replicas",
    ],
    [
      "a missing field",
      "Deployment shop/web",
      (doc) => delete doc.spec.selector,
      "spec: must have required property 'selector'",
    ],
    [
      "a wrong type",
      "Service shop/web",
      (doc) => (doc.spec.ports[0].port = "80"),
      "spec.ports.0.port: must be integer",
    ],
    [
      "a value that is none of the known",
      "Deployment shop/web",
      (doc) => (web(doc).imagePullPolicy = "Alwayz"),
      "must be equal to one of the allowed values Always, IfNotPresent, Never",
    ],
    [
      "a number out of range",
      "Service shop/web",
      (doc) => (doc.spec.ports[0].port = 2 ** 31),
      'must match format "int32"',
    ],
    [
      "a quantity that is none",
      "PersistentVolumeClaim shop/uploads",
      (doc) => (doc.spec.resources.requests.storage = "10GiB"),
      "must match pattern",
    ],
    [
      "a key of a list twice, by its default",
      "Service shop/web",
      (doc) => doc.spec.ports.push({ port: 80, protocol: "TCP", name: "again" }),
      "two items have the same keys",
    ],
    [
      "an empty value",
      "ConfigMap shop/web-config",
      (doc) => (doc.data.LANGUAGE = null),
      "data.LANGUAGE: must be string",
    ],
    ["a status", "Service shop/web", (doc) => (doc.status = {}), "has no field status"],
    ["an unknown kind", "Service shop/web", (doc) => (doc.apiVersion = "v2"), "no schema of v2/Service"],
    [
      "an unknown field of a custom kind",
      "Middleware shop/headers",
      (doc) => (doc.spec.headers.stsSecond = 1),
      "spec.headers: has no field stsSecond",
    ],
    [
      "an unknown field in a custom kind's metadata",
      "Certificate shop/shop",
      (doc) => (doc.metadata.label = {}),
      "metadata: has no field label",
    ],
    [
      "a missing field of a custom kind",
      "Certificate shop/shop",
      (doc) => delete doc.spec.issuerRef,
      "must have required property 'issuerRef'",
    ],
    [
      "a value that a custom kind's pattern refuses",
      "PrometheusRule shop/shop",
      (doc) => (doc.spec.groups[0].interval = "1 minute"),
      "must match pattern",
    ],
  ],
  "puts each object into a namespace, if its kind lives in one": [
    [
      "none where one is needed",
      "Service shop/web",
      (doc) => delete doc.metadata.namespace,
      "Service web: has no namespace",
    ],
    ["one where none can be", "Namespace shop", (doc) => (doc.metadata.namespace = "shop"), "lives in none"],
  ],
  "names each object, label and annotation as the cluster lets it": [
    ["capitals", "ConfigMap shop/web-config", (doc) => (doc.metadata.name = "Web"), "no ConfigMap may have this name"],
    [
      "a Service that begins with a digit",
      "Service shop/db",
      (doc) => (doc.metadata.name = "0db"),
      "no Service may have this name",
    ],
    [
      "a CronJob without room for its Jobs",
      "CronJob shop/backup",
      (doc) => (doc.metadata.name = "b".repeat(53)),
      "no CronJob may have",
    ],
    ["no name", "Service shop/web", (doc) => delete doc.metadata.name, "no Service may have this name"],
    [
      "a label's value",
      "Namespace shop",
      (doc) => (doc.metadata.labels.tier = "all tenants"),
      '"all tenants" is no value',
    ],
    [
      "an annotation's key on a pod",
      "Deployment shop/web",
      (doc) => (doc.spec.template.metadata.annotations["a/b/c"] = "d"),
      "a/b/c is no key",
    ],
  ],
  "gives no object twice": [
    [
      "the name of another",
      "Service shop/db",
      (doc) => (doc.metadata.name = "web"),
      "Service shop/web: is given twice",
    ],
  ],
  "has workloads that select their own pods": [
    [
      "another label",
      "Deployment shop/web",
      (doc) => (doc.spec.selector.matchLabels.app = "wep"),
      "doesn't select its own pods",
    ],
    [
      "another expression",
      "StatefulSet shop/db",
      (doc) => (doc.spec.selector.matchExpressions[0].operator = "NotIn"),
      "doesn't select",
    ],
  ],
} as const satisfies Examples;

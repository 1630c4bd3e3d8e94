/** What is wrong between objects: who reaches, scales, protects and watches whom. */
import { Examples, web } from "./example";

export const TRAFFIC = {
  "[LOOM-10] scales what there is, by what it requests": [
    [
      "another workload",
      "HorizontalPodAutoscaler shop/web",
      (doc) => (doc.spec.scaleTargetRef.kind = "StatefulSet"),
      "there is no StatefulSet web",
    ],
    [
      "a workload that sets its replicas",
      "Deployment shop/web",
      (doc) => (doc.spec.replicas = 2),
      "sets its replicas back",
    ],
    [
      "a resource that isn't requested",
      "Deployment shop/web",
      (doc) => (web(doc).resources = {}),
      "container web of Deployment shop/web requests no cpu",
    ],
  ],
  "[PLAT-04] has KEDA scale what there is, by credentials that there are": [
    [
      "another workload",
      "ScaledObject shop/web",
      (doc) => (doc.spec.scaleTargetRef.name = "wep"),
      "there is no Deployment wep",
    ],
    [
      "a workload that sets its replicas",
      "Deployment shop/web",
      (doc) => (doc.spec.replicas = 2),
      "ScaledObject shop/web: each apply of Deployment shop/web sets its replicas back",
    ],
    [
      "other credentials",
      "ScaledObject shop/web",
      (doc) => (doc.spec.triggers[0].authenticationRef.name = "line"),
      "there is no TriggerAuthentication line",
    ],
  ],
  "[LOOM-11] protects pods that there are, and still lets nodes be drained": [
    [
      "other pods",
      "PodDisruptionBudget shop/web",
      (doc) => (doc.spec.selector.matchLabels.app = "wep"),
      "selects no pod",
    ],
    ["all pods", "PodDisruptionBudget shop/web", (doc) => (doc.spec.minAvailable = 2), "lets none of its 2 pods go"],
    [
      "all pods, the other way",
      "PodDisruptionBudget shop/web",
      (doc) => (doc.spec = { ...doc.spec, minAvailable: undefined, maxUnavailable: 0 }),
      "lets none",
    ],
  ],
  "[LOOM-08] has pods behind each Service, listening where it sends": [
    ["no pods", "Service shop/web", (doc) => (doc.spec.selector.app = "wep"), "selects no pod"],
    [
      "another port by name",
      "Service shop/web",
      (doc) => (doc.spec.ports[0].targetPort = "https"),
      "sends to port https, which Deployment shop/web hasn't",
    ],
    ["another port by number", "Service shop/web", (doc) => (doc.spec.ports[1].port = 9101), "sends to port 9101"],
  ],
  "[LOOM-09] sends each Ingress to a Service's port, with a certificate that somebody issues": [
    [
      "another Service",
      "Ingress shop/web",
      (doc) => (doc.spec.rules[0].http.paths[0].backend.service.name = "wep"),
      "there is no Service wep",
    ],
    [
      "another port",
      "Ingress shop/web",
      (doc) => (doc.spec.rules[0].http.paths[0].backend.service.port.name = "https"),
      "Service web has no port https",
    ],
    [
      "a default backend",
      "Ingress shop/web",
      (doc) => (doc.spec.defaultBackend = { service: { name: "wep", port: { number: 80 } } }),
      "there is no Service wep",
    ],
    [
      "a certificate that nobody issues",
      "Certificate shop/shop",
      (doc) => (doc.spec.secretName = "tls"),
      "nothing issues the certificate in Secret shop-tls",
    ],
  ],
  "[LOOM-09] sends each IngressRoute to a Service's port, through middlewares that there are": [
    [
      "another port",
      "IngressRoute shop/web",
      (doc) => (doc.spec.routes[0].services[0].port = 8080),
      "Service web has no port 8080",
    ],
    [
      "another middleware",
      "IngressRoute shop/web",
      (doc) => (doc.spec.routes[0].middlewares[0].name = "header"),
      "there is no Middleware shop/header",
    ],
  ],
  "[LOOM-09] names objects of Traefik that there are": [
    [
      "another middleware",
      "Middleware shop/headers",
      (doc) => (doc.metadata.name = "header"),
      "there is no Middleware shop-headers@kubernetescrd",
    ],
  ],
  "[LOOM-12] has policies for pods and peers that there are": [
    ["other pods", "NetworkPolicy shop/web", (doc) => (doc.spec.podSelector.matchLabels.app = "wep"), "holds no pod"],
    [
      "another peer outside",
      "NetworkPolicy shop/web",
      (doc) => (doc.spec.ingress[0].from[0].podSelector.matchLabels.app = "nginx"),
      'nobody is {"namespaceSelector"',
    ],
    [
      "another peer in dist",
      "NetworkPolicy shop/web",
      (doc) => (doc.spec.egress[0].to[0].podSelector.matchLabels.app = "redis"),
      "nobody is",
    ],
    [
      "a peer outside without its namespace",
      "NetworkPolicy shop/web",
      (doc) => delete doc.spec.ingress[0].from[0].namespaceSelector,
      "nobody is",
    ],
  ],
  "[LOOM-12] opens ports that somebody listens on": [
    ["a port in", "NetworkPolicy shop/web", (doc) => (doc.spec.ingress[0].ports[0].port = 80), "opens port 80"],
    ["a port out", "NetworkPolicy shop/web", (doc) => (doc.spec.egress[0].ports[0].port = 3306), "opens port 3306"],
  ],
  "[LOOM-13] scrapes Services and ports that there are": [
    [
      "other Services",
      "Service shop/web",
      (doc) => (doc.metadata.labels = {}),
      "ServiceMonitor shop/web: selects no Service",
    ],
    [
      "Services elsewhere",
      "ServiceMonitor shop/web",
      (doc) => (doc.spec.namespaceSelector = { matchNames: ["other"] }),
      "selects no Service",
    ],
    ["another port", "ServiceMonitor shop/web", (doc) => (doc.spec.endpoints[0].port = "metric"), "has a port metric"],
  ],
  "[LOOM-13] scrapes pods and ports that there are": [
    ["other pods", "PodMonitor shop/db", (doc) => (doc.spec.selector.matchLabels.app = "dp"), "selects no pod"],
    [
      "another port",
      "PodMonitor shop/db",
      (doc) => (doc.spec.podMetricsEndpoints[0].port = "metrics"),
      "listens on metrics",
    ],
  ],
  "[LOOM-13] calls each alert by a name of its own": [
    [
      "a name twice",
      "PrometheusRule shop/shop",
      (doc) => doc.spec.groups[0].rules.push({ alert: "ShopDown", expr: "up" }),
      "a second alert is called ShopDown",
    ],
  ],
} as const satisfies Examples;

import { Check, listensOn, Manifest, nameOf, ofKind, podTemplatesOf, selects, servicePort } from "./manifest";

/** Annotations by which Traefik finds its own objects, and the kind that each means: `<namespace>-<name>@kubernetescrd`. */
const TRAEFIK_ANNOTATIONS: Record<string, string> = {
  "traefik.ingress.kubernetes.io/router.middlewares": "Middleware",
  "traefik.ingress.kubernetes.io/router.tls.options": "TLSOption",
  "traefik.ingress.kubernetes.io/service.serverstransport": "ServersTransport",
};

/** Each Service has pods behind it, and they listen where it sends. */
export const checkServices: Check = (docs) =>
  ofKind(docs, "Service")
    .filter(({ spec }) => spec.selector !== undefined)
    .flatMap((service) => {
      const { namespace } = service.metadata;
      const pods = podTemplatesOf(docs).filter(
        (pod) => pod.namespace === namespace && selects({ matchLabels: service.spec.selector }, pod.metadata.labels),
      );
      if (pods.length === 0) return [`${nameOf(service)}: selects no pod`];
      return pods.flatMap((pod) =>
        (service.spec.ports ?? [])
          .filter(({ port, targetPort = port }: any) => !listensOn(pod, targetPort))
          .map(
            ({ port, targetPort = port }: any) =>
              `${nameOf(service)}: sends to port ${targetPort}, which ${nameOf(pod.owner)} hasn't`,
          ),
      );
    });

/** Each Ingress sends to a port of a Service of its namespace, and somebody makes the certificate that it names. */
export const checkIngresses: Check = (docs) =>
  ofKind(docs, "Ingress").flatMap((ingress) => {
    const { defaultBackend, rules = [], tls = [] } = ingress.spec;
    const paths = rules.flatMap((rule: any) => rule.http?.paths ?? []);
    const backends = [defaultBackend, ...paths.map((path: any) => path.backend)].filter(
      (it) => it?.service !== undefined,
    );
    return [
      ...backends.flatMap(({ service }) =>
        backendComplaints(docs, ingress, service.name, service.port.name ?? service.port.number),
      ),
      ...tls
        .filter(({ secretName }: any) => !isIssued(docs, ingress.metadata.namespace, secretName))
        .map(({ secretName }: any) => `${nameOf(ingress)}: nothing issues the certificate in Secret ${secretName}`),
    ];
  });

/** Each IngressRoute sends to a port of a Service, through middlewares that there are. */
export const checkIngressRoutes: Check = (docs) =>
  ofKind(docs, "IngressRoute").flatMap((ingress) =>
    ingress.spec.routes.flatMap(({ services = [], middlewares = [] }: any) => [
      ...services
        .filter(({ kind = "Service" }) => kind === "Service")
        .flatMap(({ name, port }: any) => backendComplaints(docs, ingress, name, port)),
      ...middlewares.flatMap(({ name, namespace = ingress.metadata.namespace }: any) =>
        ofKind(docs, "Middleware", namespace).some((it) => it.metadata.name === name)
          ? []
          : [`${nameOf(ingress)}: there is no Middleware ${namespace}/${name}`],
      ),
    ]),
  );

/** Each of Traefik's objects that an annotation names is there: Traefik drops the whole router otherwise. */
export const checkTraefikAnnotations: Check = (docs) =>
  docs.flatMap((doc) =>
    Object.entries(TRAEFIK_ANNOTATIONS).flatMap(([annotation, kind]) => {
      const known = ofKind(docs, kind).map(({ metadata }) => `${metadata.namespace}-${metadata.name}@kubernetescrd`);
      const named: string[] = (doc.metadata.annotations?.[annotation] ?? "")
        .split(",")
        .filter((name: string) => name !== "");
      return named.filter((name) => !known.includes(name)).map((name) => `${nameOf(doc)}: there is no ${kind} ${name}`);
    }),
  );

function backendComplaints(docs: readonly Manifest[], from: Manifest, name: string, port: string | number): string[] {
  const service = ofKind(docs, "Service", from.metadata.namespace).find(({ metadata }) => metadata.name === name);
  if (service === undefined) return [`${nameOf(from)}: there is no Service ${name}`];
  return servicePort(service, port) === undefined ? [`${nameOf(from)}: Service ${name} has no port ${port}`] : [];
}

/** Whether cert-manager makes the Secret: for a Certificate, or for an Ingress that asks by annotation. */
function isIssued(docs: readonly Manifest[], namespace: string, secretName: string): boolean {
  const asks = ({ metadata, spec }: Manifest) =>
    Object.keys(metadata.annotations ?? {}).some((key) => /^cert-manager\.io\/(cluster-)?issuer$/.test(key)) &&
    (spec.tls ?? []).some((tls: any) => tls.secretName === secretName);
  return (
    ofKind(docs, "Certificate", namespace).some(({ spec }) => spec.secretName === secretName) ||
    ofKind(docs, "Ingress", namespace).some(asks)
  );
}

/** Where a stack meets the world: hosts it answers for, and alerts it raises. */
import { KubernetesObject, Labels, namespaceOf } from "../kubernetes";
import { ofKind } from "./guards";

export interface RouteFacts {
  readonly ingress: string;
  readonly host: string;
  readonly path: string;
  readonly service: string;
  readonly tls: boolean;
}

export interface AlertFacts {
  readonly name: string;
  readonly severity: string;
  readonly expression: string;
  /** How long it must hold before it fires. */
  readonly lasting: string;
  readonly summary: string;
}

interface IngressSpec {
  readonly tls?: readonly { readonly hosts?: readonly string[] }[];
  readonly defaultBackend?: Backend;
  readonly rules?: readonly {
    readonly host?: string;
    readonly http?: { readonly paths: readonly { readonly path?: string; readonly backend: Backend }[] };
  }[];
}

interface Backend {
  readonly service?: { readonly name: string; readonly port?: { readonly name?: string; readonly number?: number } };
  readonly resource?: { readonly kind: string; readonly name: string };
}

interface RuleSpec {
  readonly groups?: readonly {
    readonly rules: readonly {
      readonly alert?: string;
      readonly expr: string | number;
      readonly for?: string;
      readonly labels?: Labels;
      readonly annotations?: Labels;
    }[];
  }[];
}

const ANY_HOST = "*";

export function routesOf(objects: readonly KubernetesObject[]): RouteFacts[] {
  return ofKind(objects, "Ingress").flatMap((object) => {
    const { rules = [], tls = [], defaultBackend } = object.spec as IngressSpec;
    const ingress = `${namespaceOf(object)}/${object.metadata.name}`;
    const encrypted = new Set(tls.flatMap(({ hosts = [] }) => hosts));
    const route = (host: string, path: string, backend: Backend): RouteFacts => ({
      ingress,
      host,
      path,
      service: backendText(backend),
      tls: encrypted.has(host),
    });
    return [
      ...rules.flatMap(({ host = ANY_HOST, http }) =>
        (http?.paths ?? []).map(({ path = "/", backend }) => route(host, path, backend)),
      ),
      ...(defaultBackend === undefined ? [] : [route(ANY_HOST, "/", defaultBackend)]),
    ];
  });
}

function backendText({ service, resource }: Backend): string {
  if (service === undefined) return resource === undefined ? "–" : `${resource.kind} ${resource.name}`;
  return `${service.name}:${service.port?.name ?? service.port?.number ?? ""}`;
}

export function alertsOf(objects: readonly KubernetesObject[]): AlertFacts[] {
  return ofKind(objects, "PrometheusRule")
    .flatMap(({ spec }) => (spec as RuleSpec).groups ?? [])
    .flatMap(({ rules }) => rules)
    .flatMap(({ alert, expr, labels, annotations, ...rule }) =>
      alert === undefined
        ? []
        : [
            {
              name: alert,
              severity: labels?.severity ?? "–",
              expression: String(expr).trim(),
              lasting: rule.for ?? "at once",
              summary: annotations?.summary ?? annotations?.description ?? "",
            },
          ],
    );
}

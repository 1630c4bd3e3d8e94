/** A span for each call of the Kubernetes API, watches apart: they are read by a client of their own. */
import {
  Configuration,
  createConfiguration,
  KubeConfig,
  Observable,
  RequestContext,
  ServerConfiguration,
} from "@kubernetes/client-node";
import { SpanKind } from "@opentelemetry/api";
import { inSpan } from "./trace";

/** The same cluster as `config`, traced. */
export function tracedKubeConfig(config: KubeConfig): KubeConfig {
  const traced = new TracedKubeConfig();
  traced.loadFromOptions({
    clusters: config.clusters,
    users: config.users,
    contexts: config.contexts,
    currentContext: config.currentContext,
  });
  return traced;
}

class TracedKubeConfig extends KubeConfig {
  override makeApiClient<T>(type: new (configuration: Configuration) => T): T {
    const cluster = this.getCurrentCluster();
    if (cluster === null) throw new Error("No active cluster!");
    const baseServer = new ServerConfiguration(cluster.server, {});
    const configuration = createConfiguration({ baseServer, authMethods: { default: this } });
    const { httpApi } = configuration;
    const send = (request: RequestContext) => {
      const attributes = { "http.request.method": request.getHttpMethod(), "url.path": pathOf(request.getUrl()) };
      const name = `kubernetes ${request.getHttpMethod()}`;
      return new Observable(
        inSpan(
          name,
          attributes,
          async (span) => {
            const response = await httpApi.send(request).toPromise();
            span.setAttribute("http.response.status_code", response.httpStatusCode);
            return response;
          },
          { kind: SpanKind.CLIENT },
        ),
      );
    };
    return new type({ ...configuration, httpApi: { send } });
  }
}

/** Without the query: label selectors name customers. */
function pathOf(url: string): string {
  return new URL(url).pathname;
}

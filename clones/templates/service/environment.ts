/**
 * What the processes are told, by the names that clones/config.ts reads. Secrets come as variables too: a process reads
 * them once, and only for variables does the program roll the pods when they change (LOOM-07); nothing else runs there.
 */
import type { k8s } from "cdk8s-plus-28";
import { CLONE_NAMESPACES, CLONE_SECRETS } from "../../../constructs/contract";
import { ClonesSettings, handBackSeconds } from "../../../constructs/settings";
import { secretVariable } from "../../../constructs/shared/containers";
import { PORTS, POWERLESS } from "../accounts";

const { jobStore, redis, sharedDatabase, vault } = CLONE_SECRETS;

/** What all of them have in common. */
function common({ service }: ClonesSettings, traced = true): k8s.EnvVar[] {
  const tracing = traced && service.tracingEndpoint !== "";
  return variables({
    LOG_LEVEL: "info",
    METRICS_PORT: PORTS.metrics,
    ...(tracing && { OTEL_EXPORTER_OTLP_ENDPOINT: service.tracingEndpoint }),
  });
}

/** Where clones are made, and how. */
function clones(settings: ClonesSettings): k8s.EnvVar[] {
  return variables({
    CLONE_NAMESPACE: CLONE_NAMESPACES.staging,
    CLONE_DOMAIN: settings.domain,
    CLONE_DATABASE: settings.database,
    CLONE_EXPOSE_CREDENTIALS: settings.exposeCredentials,
    CLONE_ALLOW_PRIVATE_SOURCES: settings.service.allowPrivateSources,
  });
}

function places(settings: ClonesSettings): k8s.EnvVar[] {
  return [...clones(settings), ...copiesEnvironment(settings)];
}

/** Where databases of Loomworks are copied, if they are. */
export function copiesEnvironment({ service: { copies } }: ClonesSettings): k8s.EnvVar[] {
  if (!copies.enabled) return [];
  return variables({ COPIES_NAMESPACE: copies.namespace, COPIES_PER_TENANT: copies.perTenant });
}

function jobsTable(): k8s.EnvVar[] {
  const keys = ["host", "port", "name", "user", "password"] as const;
  return keys.map((key) => secretVariable(`JOBS_DATABASE_${key.toUpperCase()}`, jobStore.name, key));
}

function queue(): k8s.EnvVar[] {
  return [
    ...variables({ REDIS_HOST: POWERLESS.redis, REDIS_PORT: PORTS.redis }),
    secretVariable("REDIS_PASSWORD", redis.name, "password"),
  ];
}

function keys(): k8s.EnvVar[] {
  return [
    secretVariable("CLONE_VAULT_KEYS", vault.name, "keys"),
    secretVariable("CLONE_WEBHOOK_SECRET", vault.name, "webhooks"),
  ];
}

/** Of the API. */
export function apiEnvironment(settings: ClonesSettings): k8s.EnvVar[] {
  const { ratePerMinute, console } = settings.service;
  const own = variables({ PORT: PORTS.http, CLONE_CONSOLE: console, CLONE_RATE_PER_MINUTE: ratePerMinute });
  return [...common(settings), ...own, ...places(settings), ...jobsTable(), ...queue(), ...keys()];
}

/** Of a worker. */
export function workerEnvironment(settings: ClonesSettings): k8s.EnvVar[] {
  const own = variables({
    WORKER_CONCURRENCY: settings.service.worker.concurrency,
    WORKER_GRACE_SECONDS: handBackSeconds(settings.service),
    CLONE_ROUTING: settings.routing,
    CLONE_ALB_GROUPS: settings.albGroups,
    CLONES_PER_ALB_GROUP: settings.clonesPerAlbGroup,
    // A job that fails gives its warm pod back.
    WARM_POOL_REUSE: settings.service.warmPool.reuse,
  });
  return [...common(settings), ...own, ...places(settings), ...jobsTable(), ...queue(), ...keys()];
}

/** Of the warm pool controller, which knows neither jobs nor tenants. @param template path of the pod's manifest */
export function warmPoolEnvironment(settings: ClonesSettings, template: string): k8s.EnvVar[] {
  const { min, max, reuse } = settings.service.warmPool;
  const { staging } = CLONE_NAMESPACES;
  return [
    ...common(settings, false),
    ...variables({ CLONE_NAMESPACE: staging, WARM_POOL_NAMESPACE: staging }),
    ...variables({ WARM_POOL_MIN: min, WARM_POOL_MAX: max, WARM_POOL_REUSE: reuse, WARM_POD_TEMPLATE: template }),
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
  ];
}

/** Of the schema job: the one process that may do more in the database than work with its table. */
export function schemaEnvironment(): k8s.EnvVar[] {
  return [
    ...variables({ LOG_LEVEL: "info" }),
    ...jobsTable(),
    secretVariable("JOBS_DATABASE_ADMIN_USER", sharedDatabase.name, "user"),
    secretVariable("JOBS_DATABASE_ADMIN_PASSWORD", sharedDatabase.name, "password"),
  ];
}

function variables(values: Readonly<Record<string, string | number | boolean>>): k8s.EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

/**
 * What dist refers to and the stack makes: names and keys of ConfigMaps and Secrets. Values known only at run time reach
 * the cluster through these, and through nothing else.
 */

/** How the stack comes by a value of a Secret. */
export type SecretValue =
  /** Made once, kept in the state, and the same until its rotation is asked for. */
  | { readonly kind: "password"; readonly length: number }
  /** The same in every stack, and no secret by itself. */
  | { readonly kind: "text"; readonly text: string };

/** A Secret of the contract, in the namespace of the installation. */
export interface SecretContract {
  readonly name: string;
  /** Who reads it, for the person who rotates it. */
  readonly readBy: readonly string[];
  readonly data: Readonly<Record<string, SecretValue>>;
}

/** Letters and digits alone, so that no shell, URL or configuration file needs to quote it: 32 of them carry 190 bits. */
const PASSWORD = { kind: "password", length: 32 } as const;

const text = (value: string) => ({ kind: "text", text: value }) as const;

/** The Secrets of a Loomworks installation. Each has the fewest readers it can have (LOOM-06). */
export const LOOMWORKS_SECRETS = {
  superuser: {
    name: "postgres-superuser",
    readBy: ["postgres"],
    data: { username: text("postgres"), password: PASSWORD },
  },
  odoo: {
    name: "postgres-credentials",
    readBy: ["postgres", "odoo", "odoo-cron"],
    data: { username: text("odoo"), password: PASSWORD },
  },
  backup: {
    name: "postgres-backup-credentials",
    readBy: ["postgres", "postgres-backup"],
    data: { username: text("backup"), password: PASSWORD },
  },
  exporter: {
    name: "postgres-exporter-credentials",
    readBy: ["postgres"],
    data: { username: text("exporter"), password: PASSWORD },
  },
  admin: {
    name: "odoo-admin",
    readBy: ["odoo", "odoo-cron"],
    data: { password: PASSWORD },
  },
} as const satisfies Record<string, SecretContract>;

/** Labels of what runs outside dist but talks to it; the add-ons are installed with these. */
export const PEERS = {
  ingress: { namespace: "traefik", labels: { "app.kubernetes.io/name": "traefik" } },
  prometheus: { namespace: "observability", labels: { "app.kubernetes.io/name": "prometheus" } },
  dns: { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
} as const;

/** Annotation on a pod template: hash of the Secrets its pods read, so that a rotation rolls them (LOOM-07). */
export const CREDENTIALS_HASH_ANNOTATION = "loomworks.app/credentials-hash";

/** The clone resource, as KRO serves it and everybody asks for it. */
export const CLONE_RESOURCE = {
  group: "clones.betaweb.ai",
  version: "v1alpha1",
  kind: "WordPressClone",
  plural: "wordpressclones",
} as const;

/** Labels, annotations and finalizer of clones and of what belongs to them. */
export const CLONE_LABELS = {
  /** On every child, and on the pod that serves: the clone's name. The clone's Service selects by it. */
  clone: "clones.betaweb.ai/clone",
  /** On every child: whom the clone is for. */
  customer: "clones.betaweb.ai/customer",
  /** On the clone: what has to be undone that KRO can't (schema and user of a shared database, a warm pod's return). */
  finalizer: "clones.betaweb.ai/cleanup",
} as const;

/** Where clones live: the documents' two namespaces. */
export const CLONE_NAMESPACES = { staging: "wordpress-staging", production: "wordpress-production" } as const;

/** Namespace of the clone service itself: API, workers, cleaner, queue. */
export const CLONE_SERVICE_NAMESPACE = "clones";

/** What the stack knows and every clone needs; one ConfigMap in each namespace of clones. */
export const CLONE_PLATFORM = {
  name: "clone-platform",
  keys: {
    /** Host of the shared database. */
    databaseHost: "databaseHost",
    /** Subnet group and security group of dedicated databases. */
    databaseSubnetGroup: "databaseSubnetGroup",
    databaseSecurityGroup: "databaseSecurityGroup",
  },
} as const;

/** What clones' passwords are derived from; one Secret in each namespace of clones. Losing it changes them all. */
export const CLONE_PEPPER: SecretContract = {
  name: "clone-pepper",
  readBy: ["kro"],
  data: { pepper: { kind: "password", length: 64 } },
};

/** A clone's Secret, made by KRO: its name is the clone's with this ending, and these are its keys. */
export const CLONE_CREDENTIALS = {
  ending: "credentials",
  keys: {
    /** The clone's own administrator, nobody of the source's. */
    username: "wordpress-username",
    password: "wordpress-password",
    /** Master key of the migration plugin. */
    apiKey: "api-key",
    databaseName: "database-name",
    databaseUser: "database-user",
    databasePassword: "database-password",
  },
} as const;

/**
 * What dist refers to and the stack makes: names and keys of ConfigMaps and Secrets. Values known only at run time reach
 * the cluster through these, and through nothing else.
 */

/** How the stack comes by a value of a Secret. */
export type SecretValue =
  /** Made once, kept in the state, and the same until its rotation is asked for. */
  | { readonly kind: "password"; readonly length: number }
  /**
   * A role of PostgreSQL that acts as `owner`: the owner's name, `_` and eight letters or digits. A rotation makes another, so
   * that the one of before works on until no pod uses it.
   */
  | { readonly kind: "login"; readonly owner: string }
  /** Random bytes in base64, made once. No rotation touches them. */
  | { readonly kind: "key"; readonly bytes: number }
  /**
   * Keys with their ids, newest first: `2:<base64>,1:<base64>`. The rotation of its Secret is the number of keys: a higher one
   * puts new keys in front, and those that were there stay, so that what they sealed can be read.
   */
  | { readonly kind: "keyring"; readonly bytes: number }
  /** Known to the program alone: an address, or what configuration and other providers give. */
  | { readonly kind: "given" }
  /** The same in every stack, and no secret by itself. */
  | { readonly kind: "text"; readonly text: string };

/** A Secret of the contract, in the namespace of the installation. */
export interface SecretContract {
  readonly name: string;
  /** Who reads it, for the person who rotates it. */
  readonly readBy: readonly string[];
  readonly data: Readonly<Record<string, SecretValue>>;
  /** Whether its loss can't be made good: the stack then has Pulumi refuse to delete or replace it. @default false */
  readonly irreplaceable?: boolean;
}

/** Letters and digits alone, so that no shell, URL or configuration file needs to quote it: 32 of them carry 190 bits. */
const PASSWORD = { kind: "password", length: 32 } as const;

const GIVEN = { kind: "given" } as const;

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
    readBy: ["postgres", "odoo", "odoo-cron", "odoo-migrate", "odoo-copy-sweep"],
    data: { username: { kind: "login", owner: "odoo" }, password: PASSWORD },
  },
  backup: {
    name: "postgres-backup-credentials",
    readBy: ["postgres", "postgres-backup", "odoo-migrate"],
    data: { username: text("backup"), password: PASSWORD },
  },
  admin: {
    name: "odoo-admin",
    readBy: ["odoo", "odoo-cron", "odoo-migrate"],
    data: { password: PASSWORD },
  },
} as const satisfies Record<string, SecretContract>;

/**
 * Where WAL, backups and attachments are copied to; one ConfigMap in the namespace of each installation, where the stack has a bucket. Where it
 * is missing, nothing is copied.
 */
export const LOOMWORKS_OFFSITE = {
  name: "postgres-offsite-target",
  keys: {
    bucket: "bucket",
    /** Before the names of all objects, without slashes around it: installations share a bucket. */
    prefix: "prefix",
    /** After which the bucket ends an object: what is older than half of it and still in use is sent again. */
    days: "days",
    region: "region",
    /** Of the key that encrypts the objects. */
    keyArn: "keyArn",
  },
  /**
   * Whose pods get the role: s3:ListBucket and ListBucketVersions on the bucket, s3:PutObject, GetObject, GetObjectVersion and
   * AbortMultipartUpload below the prefix, kms:GenerateDataKey and Decrypt with the key. Never s3:DeleteObject.
   */
  serviceAccount: "postgres-offsite",
} as const;

/** Of what watches over the platform. */
export const OBSERVABILITY_SECRETS = {
  grafana: {
    name: "grafana-admin",
    readBy: ["grafana"],
    data: { "admin-user": text("admin"), "admin-password": PASSWORD },
  },
  /** Where alerts go, as far as that is secret; of its keys, those alone that the stack's configuration gives. */
  alerts: {
    name: "alert-channels",
    readBy: ["alertmanager"],
    data: { "slack-url": GIVEN, "webhook-url": GIVEN, "watchdog-url": GIVEN, "smtp-password": GIVEN },
  },
} as const satisfies Record<string, SecretContract>;

/** Labels of what runs outside dist but talks to it; the add-ons are installed with these. */
export const PEERS = {
  ingress: { namespace: "traefik", labels: { "app.kubernetes.io/name": "traefik" } },
  prometheus: { namespace: "observability", labels: { "app.kubernetes.io/name": "prometheus" } },
  dns: { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
  otel: { namespace: "observability", labels: { "app.kubernetes.io/name": "opentelemetry-collector" } },
  /** Reads how long the clones' queue is. */
  keda: { namespace: "keda", labels: { "app.kubernetes.io/name": "keda-operator" } },
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

/** A copy of a Loomworks database, as KRO serves it. */
export const COPY_RESOURCE = {
  group: "loomworks.app",
  version: "v1alpha1",
  kind: "OdooCopy",
  plural: "odoocopies",
} as const;

/** Labels of copies. */
export const COPY_LABELS = {
  /** On the copy: whose database it is of, and who alone may know of it. */
  tenant: "loomworks.app/tenant",
  /** On its Jobs and their pods: the copy's name. */
  copy: "loomworks.app/copy",
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
  irreplaceable: true,
};

/** The Secrets of the clone service, in its own namespace. Readers are workloads by their label app.kubernetes.io/name. */
export const CLONE_SECRETS = {
  /** Where the jobs table is, and its user, who may do nothing but work with it. The documents' name. */
  jobStore: {
    name: "job-store-config",
    readBy: ["clone-service", "clone-worker", "clone-schema"],
    data: { host: GIVEN, port: GIVEN, name: GIVEN, user: text("job_store"), password: PASSWORD },
  },
  redis: {
    name: "clone-redis",
    readBy: ["clone-service", "clone-worker", "clone-redis"],
    data: { password: PASSWORD },
  },
  /** What sites' credentials are sealed with while a job needs them, and webhooks are signed with. */
  vault: {
    name: "clone-vault",
    readBy: ["clone-service", "clone-worker"],
    data: { keys: { kind: "keyring", bytes: 32 }, webhooks: { kind: "key", bytes: 32 } },
    irreplaceable: true,
  },
  /** Who may make and drop schemas and users on the clones' shared database. */
  sharedDatabase: {
    name: "clone-shared-database",
    readBy: ["clone-cleaner", "clone-schema"],
    data: { host: GIVEN, port: GIVEN, user: GIVEN, password: GIVEN },
  },
} as const satisfies Record<string, SecretContract>;

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

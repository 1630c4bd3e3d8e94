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

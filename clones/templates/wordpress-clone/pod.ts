/**
 * The pod of a clone. What its image promises: it listens on 8080 as user 33 without any capability, answers `/healthz`
 * once PHP and the database do, keeps `/healthz` out of any path prefix, and writes nowhere but where a volume is mounted
 * here.
 */
import { k8s } from "cdk8s-plus-28";
import { CLONE_CREDENTIALS } from "../../../constructs/contract";
import { requirements, scratch } from "../../../constructs/shared/containers";
import { restrictedContainer, restrictedPod } from "../../../constructs/shared/security";
import { IMAGES } from "../../../constructs/versions";
import { DATABASE_CONFIG, DATABASE_HOST } from "./database";
import { cel, childLabels, childName, CUSTOMER, DATABASE, HAS_PATH, NAME } from "./expressions";

/** Where WordPress listens, in the pod and behind the Service: no user but root may open port 80. */
export const HTTP = { name: "http", port: 8080 } as const;

/** Debian's www-data, as which Apache runs in the official image. */
const WWW_DATA = { user: 33, group: 33 } as const;

/** The user of the official MySQL image. */
const MYSQL = { user: 999, group: 999 } as const;

/** The documents' figures. */
const WORDPRESS_RESOURCES = {
  cpuRequest: "500m",
  cpuLimit: "1000m",
  memoryRequest: "512Mi",
  memoryLimit: "1Gi",
} as const;

/** MySQL 8.4 idles at 400 MiB with its own defaults. */
const MYSQL_RESOURCES = { cpuRequest: "250m", cpuLimit: "1000m", memoryRequest: "512Mi", memoryLimit: "1Gi" } as const;

/** A clone is a copy of production: nothing scheduled in the source runs in it, and nobody edits its code (decision 34). */
const CONFIG_EXTRA = [
  "define('DISABLE_WP_CRON', true);",
  "define('AUTOMATIC_UPDATER_DISABLED', true);",
  "define('DISALLOW_FILE_EDIT', true);",
].join("\n");

const SITE = "site";
const DATA = "mysql-data";

/** @param sidecar whether MySQL runs beside WordPress */
export function clonePod(image: string, sidecar: boolean): object {
  return {
    metadata: {
      labels: { ...childLabels(), "app.kubernetes.io/name": "wordpress-clone" },
      // Its files, and with a sidecar its tables, live and die with the pod: no node is given up under it for economy.
      annotations: { "karpenter.sh/do-not-disrupt": "true" },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // In place: a container that crashed finds its pod's files again.
      restartPolicy: "OnFailure",
      terminationGracePeriodSeconds: 10,
      securityContext: restrictedPod(WWW_DATA),
      containers: [wordpress(image), ...(sidecar ? [mysql()] : [])],
      volumes: [
        scratch(SITE, "4Gi"),
        scratch("apache", "16Mi"),
        scratch("tmp", "1Gi"),
        ...(sidecar ? [scratch(DATA, "1Gi"), scratch("mysql-run", "16Mi")] : []),
      ].map(plain),
    },
  };
}

function wordpress(image: string): object {
  return {
    name: "wordpress",
    image,
    ports: [{ name: HTTP.name, containerPort: HTTP.port }],
    env: [
      { name: DATABASE_HOST, valueFrom: { configMapKeyRef: { name: childName(DATABASE_CONFIG), key: DATABASE_HOST } } },
      secret("WORDPRESS_DB_NAME", "databaseName"),
      secret("WORDPRESS_DB_USER", "databaseUser"),
      secret("WORDPRESS_DB_PASSWORD", "databasePassword"),
      secret("WORDPRESS_ADMIN_USER", "username"),
      secret("WORDPRESS_ADMIN_PASSWORD", "password"),
      secret("MIGRATION_API_KEY", "apiKey"),
      { name: "WORDPRESS_CONFIG_EXTRA", value: CONFIG_EXTRA },
      { name: "WP_ENVIRONMENT_TYPE", value: "staging" },
      { name: "CLONE_NAME", value: cel(NAME) },
      { name: "CLONE_CUSTOMER", value: cel(CUSTOMER) },
      { name: "CLONE_DATABASE", value: cel(DATABASE) },
      { name: "CLONE_PATH", value: cel(`${HAS_PATH} ? "/" + ${NAME} + "/" : "/"`) },
      // Below the folder of the pod file that Apache writes, as the image's envvars have it otherwise.
      { name: "APACHE_RUN_DIR", value: "/run/apache2" },
      { name: "APACHE_LOCK_DIR", value: "/run/apache2" },
      { name: "APACHE_PID_FILE", value: "/run/apache2/apache2.pid" },
    ],
    resources: plain(requirements(WORDPRESS_RESOURCES)),
    securityContext: plain(restrictedContainer()),
    // Five minutes for unpacking WordPress and for its first connection; then it must answer.
    startupProbe: { httpGet: { path: "/healthz", port: HTTP.name }, periodSeconds: 5, failureThreshold: 60 },
    readinessProbe: { httpGet: { path: "/healthz", port: HTTP.name }, periodSeconds: 5, timeoutSeconds: 5 },
    // The port alone: a database that is away is no reason to kill what waits for it.
    livenessProbe: { tcpSocket: { port: HTTP.name }, periodSeconds: 10, failureThreshold: 6 },
    volumeMounts: [
      { name: SITE, mountPath: "/var/www/html" },
      { name: "apache", mountPath: "/run/apache2" },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

function mysql(): object {
  const ping = { exec: { command: ["mysqladmin", "ping", "-h127.0.0.1"] } };
  return {
    name: "mysql",
    image: IMAGES.mysql,
    args: ["--bind-address=127.0.0.1", "--mysqlx=OFF"],
    env: [
      secret("MYSQL_DATABASE", "databaseName"),
      secret("MYSQL_USER", "databaseUser"),
      secret("MYSQL_PASSWORD", "databasePassword"),
      secret("MYSQL_ROOT_PASSWORD", "databasePassword"),
    ],
    resources: plain(requirements(MYSQL_RESOURCES)),
    securityContext: { ...(plain(restrictedContainer()) as object), runAsUser: MYSQL.user, runAsGroup: MYSQL.group },
    // The documents' figures.
    livenessProbe: { ...ping, initialDelaySeconds: 30, periodSeconds: 10 },
    readinessProbe: { ...ping, initialDelaySeconds: 5, periodSeconds: 5 },
    volumeMounts: [
      { name: DATA, mountPath: "/var/lib/mysql" },
      { name: "mysql-run", mountPath: "/var/run/mysqld" },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

/** A variable from the clone's credentials. */
function secret(name: string, key: keyof typeof CLONE_CREDENTIALS.keys): object {
  const from = { name: childName(CLONE_CREDENTIALS.ending), key: CLONE_CREDENTIALS.keys[key] };
  return { name, valueFrom: { secretKeyRef: from } };
}

/** As Kubernetes reads it: cdk8s' quantities are objects, and nobody renders them within a template. */
function plain(object: k8s.Volume | k8s.ResourceRequirements | k8s.SecurityContext): unknown {
  return JSON.parse(
    JSON.stringify(object, (_key, value: unknown) => (value instanceof k8s.Quantity ? value.value : value)),
  );
}

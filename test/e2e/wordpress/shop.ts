/**
 * The site that clones are made of: a stranger's shop with content, in a namespace of its own. WordPress and MySQL are the
 * images that the node has anyway; our plugin isn't there, so that the service has to bring it.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cloneImage, Settings } from "../../../constructs/settings";
import { IMAGES } from "../../../constructs/versions";
import { eventually, isReady, KubeObject } from "../../cluster";
import type { World } from "../world";

const NAME = "shop";
const ROOT = resolve(__dirname, "../../..");
const PORT = 8080;

/** Until WordPress is installed and filled: two databases and a node start beside it. */
const START_MILLISECONDS = 240_000;

/** A pod's grace, and a moment of the namespace controller's. */
const CLOSED_MILLISECONDS = 60_000;

const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAME } } as const;

const FILES = {
  "apache2-shop": join(__dirname, "shop-files/apache2-shop"),
  "shop.php": join(__dirname, "shop-files/shop.php"),
  "run.php": join(ROOT, "clones/local/php/run.php"),
  "fill.php": join(ROOT, "clones/local/demo/fill.php"),
  "demo-shop.php": join(ROOT, "clones/local/demo/demo-shop/demo-shop.php"),
} as const;

export interface Shop {
  /** Its address in the cluster, without a slash at its end. */
  readonly url: string;
  /** Where this process reaches it. */
  readonly base: string;
  readonly owner: { readonly username: string; readonly password: string };
  /** What its front page says, and no other site's. */
  readonly title: string;
}

/** A few posts and pictures: what there is of each kind matters, not how many. */
const SIZE = { posts: 9, pixels: 64 };

const OWNER = "owner";

/** `blogname` of clones/local/demo/fill.php, as pages have it. */
const TITLE = "Harbour &amp; Sons";

/** Returns when its front page has the content. */
export async function openShop(world: World): Promise<Shop> {
  const { settings, cluster } = world;
  const { client } = cluster;
  const url = `http://${NAME}.${NAME}.svc.cluster.local`;
  const password = randomBytes(18).toString("base64url");
  for (const object of shopObjects(settings, url, password)) await client.create(object);
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: NAME, namespace: NAME } };
  await eventually(async () => isReady(await client.get(pod)), {
    what: "the shop's pod",
    timeoutMs: START_MILLISECONDS,
    intervalMs: 500,
  });
  return { url, base: await world.reach(NAME, NAME, 80), owner: { username: OWNER, password }, title: TITLE };
}

export async function closeShop({ cluster: { client } }: World): Promise<void> {
  await client.delete(NAMESPACE);
}

/** Waits until one that was closed has gone, in its namespace's own time: before that nobody can open another. */
export async function untilShopClosed({ cluster: { client } }: World): Promise<void> {
  await eventually(async () => (await client.find(NAMESPACE)) === undefined, {
    what: "the end of the shop of before",
    timeoutMs: CLOSED_MILLISECONDS,
    intervalMs: 500,
  });
}

/** In the order in which they are to be made. */
function shopObjects({ clones }: Settings, url: string, password: string): KubeObject[] {
  const metadata = { name: NAME, namespace: NAME };
  const labels = { app: NAME };
  const files = Object.entries(FILES).map(([name, file]) => [name, readFileSync(file, "utf8")]);
  const data = { ...Object.fromEntries(files), "size.json": JSON.stringify(SIZE) } as Record<string, string>;
  const stringData = { password, database: randomBytes(18).toString("hex") };
  return [
    NAMESPACE,
    { apiVersion: "v1", kind: "Secret", metadata, stringData },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: PORT }] },
    },
    { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, labels }, spec: podSpec(cloneImage(clones), url) },
  ];
}

function podSpec(image: string, url: string): object {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 5,
    securityContext: { runAsNonRoot: true, runAsUser: 33, runAsGroup: 33, fsGroup: 33 },
    containers: [wordpress(image, url), mysql()],
    volumes: [
      ...["site", "apache", "data", "run", "tmp"].map((name) => ({ name, emptyDir: {} })),
      { name: "files", configMap: { name: NAME, defaultMode: 0o555 } },
    ],
  };
}

function wordpress(image: string, url: string): object {
  return {
    name: "wordpress",
    image,
    // The entrypoint lays WordPress out and installs it, as it does for Apache, and then becomes this.
    args: ["apache2-shop"],
    env: [
      { name: "PATH", value: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/shop" },
      { name: "SHOP_URL", value: url },
      { name: "WORDPRESS_DB_HOST", value: "127.0.0.1:3306" },
      { name: "WORDPRESS_DB_NAME", value: NAME },
      { name: "WORDPRESS_DB_USER", value: NAME },
      secret("WORDPRESS_DB_PASSWORD", "database"),
      { name: "WORDPRESS_ADMIN_USER", value: OWNER },
      secret("WORDPRESS_ADMIN_PASSWORD", "password"),
      { name: "WP_ENVIRONMENT_TYPE", value: "production" },
    ],
    resources: { requests: { cpu: "20m", memory: "128Mi" }, limits: { memory: "1Gi" } },
    readinessProbe: { httpGet: { path: "/healthz", port: PORT }, periodSeconds: 2 },
    volumeMounts: [
      { name: "site", mountPath: "/var/www/html" },
      { name: "apache", mountPath: "/run/apache2" },
      { name: "tmp", mountPath: "/tmp" },
      { name: "files", mountPath: "/shop" },
    ],
  };
}

function mysql(): object {
  return {
    name: "mysql",
    image: IMAGES.mysql,
    args: ["--bind-address=127.0.0.1", "--mysqlx=OFF"],
    env: [
      { name: "MYSQL_DATABASE", value: NAME },
      { name: "MYSQL_USER", value: NAME },
      secret("MYSQL_PASSWORD", "database"),
      secret("MYSQL_ROOT_PASSWORD", "database"),
    ],
    resources: { requests: { cpu: "20m", memory: "128Mi" }, limits: { memory: "1Gi" } },
    securityContext: { runAsUser: 999, runAsGroup: 999 },
    volumeMounts: [
      { name: "data", mountPath: "/var/lib/mysql" },
      { name: "run", mountPath: "/var/run/mysqld" },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

function secret(name: string, key: string): object {
  return { name, valueFrom: { secretKeyRef: { name: NAME, key } } };
}

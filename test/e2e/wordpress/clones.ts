/** What the story asks of a clone: its page as a visitor has it, what is kept of it, and what is left of it. */
import { createConnection } from "mysql2/promise";
import { sharedDatabaseName } from "../../../clones/domain/database";
import { mentions } from "../../../clones/migration/page-check";
import {
  CLONE_CREDENTIALS,
  CLONE_NAMESPACES,
  CLONE_RESOURCE,
  CLONE_SECRETS,
  CLONE_SERVICE_NAMESPACE,
} from "../../../constructs/contract";
import { remains } from "../../clones/support";
import { eventually } from "../../cluster";
import type { Send } from "../../support/wordpress-login";
import { placeOf } from "../platform/shared-database";
import type { World } from "../world";
import type { Caller, DoneJob } from "./caller";
import { throughIngress } from "./ingress";
import type { Shop } from "./shop";

const { staging } = CLONE_NAMESPACES;

/** A clone that its caller was told of. */
export interface Clone {
  readonly id: string;
  readonly customer: string;
  /** Without a slash at its end. */
  readonly url: string;
  readonly seconds: number;
  /** `GET /api/v2/job-status` of the job that made it. */
  readonly job: any;
  /** Whether it got a pod that waited. */
  readonly warmPod: string;
  readonly uid: string;
  /** As a browser reaches it. */
  readonly send: Send;
  /** Texts that no pod of somebody else may have. */
  readonly secrets: readonly string[];
}

export interface CloneWish {
  readonly customer: string;
  readonly minutes: number;
  readonly database?: "sidecar" | "shared" | "sqlite";
}

/** Asks for a clone of the shop, and returns when it is there. */
export async function cloneOf(shop: Shop, api: Caller, world: World, wish: CloneWish): Promise<Clone> {
  const job = await api.done("POST", "/api/v2/clone", requestOf(shop, wish));
  return await cloneFrom(job, wish.customer, world);
}

/** Body of `POST /api/v2/clone`. It holds the owner's password. */
export function requestOf({ url, owner }: Shop, { customer, minutes, database }: CloneWish): object {
  return {
    source_url: url,
    source_username: owner.username,
    source_password: owner.password,
    customer_id: customer,
    ttl_minutes: minutes,
    ...(database && { database }),
  };
}

async function cloneFrom({ body, seconds }: DoneJob, customer: string, world: World): Promise<Clone> {
  const id = String(body.clone_id);
  const url = String(body.clone_url).replace(/\/+$/, "");
  const { metadata, spec } = await world.cluster.client.get(referenceOf(id));
  const credentials = await world.secret(staging, `${id}-${CLONE_CREDENTIALS.ending}`);
  const { password, apiKey, databasePassword } = CLONE_CREDENTIALS.keys;
  return {
    id,
    customer,
    url,
    seconds,
    job: body,
    warmPod: spec.warmPod ?? "",
    uid: metadata.uid as string,
    send: throughIngress(await world.reach(staging, id, 80), url),
    secrets: [password, apiKey, databasePassword].flatMap((key) => credentials[key] ?? []),
  };
}

/** @throws {Error} unless the front page is the shop's, and says nothing of where it came from */
export async function lookAt({ url, send }: Clone, shop: Shop): Promise<void> {
  const answer = await send(`${url}/`);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}: ${text.slice(0, 200)}`);
  if (!text.includes(shop.title)) throw new Error(`${url} isn't the shop: ${text.slice(0, 200)}`);
  if (mentions(text, shop.url, url)) throw new Error(`${url} still mentions ${shop.url}`);
  const robots = answer.headers.get("x-robots-tag") ?? "";
  if (!robots.includes("noindex")) throw new Error(`${url} may be found by search engines`);
}

/** Returns when nothing is left: no object, no pod, no schema. */
export async function untilGone(clone: Clone, world: World, timeoutMs: number): Promise<void> {
  await eventually(
    async () => {
      const left = await remains(world.cluster.client, clone.id, clone.customer);
      // A pod that returned to the pool is nobody's.
      if (left.length > 0) throw new Error(left.join(", "));
      return true;
    },
    { what: `the end of ${clone.id} and of all it had`, timeoutMs, intervalMs: 500 },
  );
  if (await hasSchema(clone, world)) throw new Error(`the schema of ${clone.id} is still on the shared server`);
}

/** Asked as the cleaner may ask. */
export async function hasSchema({ uid }: Clone, world: World): Promise<boolean> {
  const { name, namespace } = placeOf(world.settings.clones);
  const { user, password } = await world.secret(CLONE_SERVICE_NAMESPACE, CLONE_SECRETS.sharedDatabase.name);
  const { hostname, port } = new URL(await world.reach(namespace, name, world.settings.clones.sharedDatabase.port));
  const connection = await createConnection({ host: hostname, port: Number(port), user, password });
  try {
    const [rows] = await connection.query("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", [
      sharedDatabaseName(uid),
    ]);
    return (rows as unknown[]).length > 0;
  } finally {
    connection.destroy();
  }
}

function referenceOf(name: string) {
  const { group, version, kind } = CLONE_RESOURCE;
  return { apiVersion: `${group}/${version}`, kind, metadata: { name, namespace: staging } };
}

/** What the program itself makes for the clones: the values that `dist` may not hold, and the controller it can't bring. */
import * as pulumi from "@pulumi/pulumi";
import { CLONE_NAMESPACES, CLONE_PEPPER } from "../constructs/contract";
import type { ClonesSettings } from "../constructs/settings";
import { Kro } from "./addons/kro";
import { ClonePlatform } from "./data/clone-platform";
import { Credentials } from "./data/credentials";

/** Port that WordPress takes for granted. */
const MYSQL_PORT = 3306;

/** Secret and ConfigMap of the contract, in each namespace of clones. */
export function createCloneData(
  { sharedDatabase: { host, port } }: ClonesSettings,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Resource[] {
  const databaseHost = port === MYSQL_PORT ? host : `${host}:${port}`;
  return Object.values(CLONE_NAMESPACES).flatMap((namespace) => [
    // No rotation: every password of every clone follows from it.
    new Credentials(`${namespace}-credentials`, { namespace, secrets: [CLONE_PEPPER], rotation: {} }, opts),
    new ClonePlatform(`${namespace}-platform`, { namespace, databaseHost }, opts),
  ]);
}

/** KRO, where the stack says that the program is to install it. */
export function createKro({ kro }: ClonesSettings, opts: pulumi.ComponentResourceOptions): pulumi.Resource[] {
  return kro.install ? [new Kro("kro", kro, opts)] : [];
}

/** What the program itself makes for the clones: the values that `dist` may not hold, and the controller it can't bring. */
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { CLONE_NAMESPACES, CLONE_PEPPER, CLONE_SECRETS, CLONE_SERVICE_NAMESPACE } from "../constructs/contract";
import { ClonesSettings, jobsDatabase } from "../constructs/settings";
import { Kro } from "./addons/kro";
import type { Rotation } from "./config";
import { ClonePlatform } from "./data/clone-platform";
import { Credentials } from "./data/credentials";

/** Port that WordPress takes for granted. */
const MYSQL_PORT = 3306;

/** Namespace of the keys in the stack's configuration that are secrets, and so no settings. */
const CONFIGURATION = "clones";

/** Whom the program means where the configuration names nobody. */
const ADMINISTRATOR = "clone_admin";

/** As long as any password that the program makes: letters and digits, so that nothing needs to quote it. */
const PASSWORD_LENGTH = 32;

/** Somebody who may make and drop schemas and users on the database that clones share. */
export interface Administrator {
  readonly user: pulumi.Input<string>;
  readonly password: pulumi.Input<string>;
}

/** What clones need to know of a database that the program made. */
export interface SharedDatabaseAccess {
  readonly host: pulumi.Input<string>;
  readonly port: number;
  /** Where dedicated databases are made, and what protects them. */
  readonly subnetGroup: pulumi.Input<string>;
  readonly securityGroupId: pulumi.Input<string>;
}

export interface CloneDataArgs {
  readonly settings: ClonesSettings;
  readonly rotation: Rotation;
  /** Of the shared database. @default whom the configuration names, see {@link configuredAdministrator} */
  readonly administrator?: Administrator;
  /** The shared database, where the program makes it. @default that of the settings */
  readonly database?: SharedDatabaseAccess;
}

export interface CloneData {
  readonly resources: readonly pulumi.Resource[];
  /** Of the service's Secrets, for the pods that read them. */
  readonly hashes: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Secrets and ConfigMaps of the contract: in each namespace of clones, and in that of their service. */
export function createCloneData(args: CloneDataArgs, opts: pulumi.ComponentResourceOptions): CloneData {
  const { host, port } = args.database ?? args.settings.sharedDatabase;
  const { protectKeys: protect } = args.settings.service;
  const dedicated = args.database && {
    databaseSubnetGroup: args.database.subnetGroup,
    databaseSecurityGroup: args.database.securityGroupId,
  };
  const databaseHost = port === MYSQL_PORT ? host : pulumi.interpolate`${host}:${port}`;
  const spaces = Object.values(CLONE_NAMESPACES).flatMap((namespace) => [
    // No rotation: every password of every clone follows from it.
    new Credentials(`${namespace}-credentials`, { namespace, secrets: [CLONE_PEPPER], rotation: {}, protect }, opts),
    new ClonePlatform(`${namespace}-platform`, { namespace, databaseHost, ...dedicated }, opts),
  ]);
  const service = createServiceCredentials(args, opts);
  return { resources: [...spaces, service], hashes: service.hashes };
}

function createServiceCredentials(
  { settings, rotation, administrator, database }: CloneDataArgs,
  opts: pulumi.ComponentResourceOptions,
): Credentials {
  const { host, port } = database ?? settings.sharedDatabase;
  const jobs = { ...jobsDatabase(settings), ...(settings.service.jobsDatabase.host === undefined && { host, port }) };
  return new Credentials(
    "clones-credentials",
    {
      namespace: CLONE_SERVICE_NAMESPACE,
      secrets: Object.values(CLONE_SECRETS),
      rotation,
      protect: settings.service.protectKeys,
      given: {
        [CLONE_SECRETS.jobStore.name]: { host: jobs.host, port: String(jobs.port), name: jobs.name },
        [CLONE_SECRETS.sharedDatabase.name]: {
          host,
          port: String(port),
          ...(administrator ?? configuredAdministrator(opts)),
        },
      },
    },
    opts,
  );
}

/**
 * Of the database that the program didn't make: `clones:sharedDatabaseUser` and `clones:sharedDatabasePassword`. Without a
 * password one is made, for its owner to give that user (docs/runbook.md).
 */
function configuredAdministrator({ providers }: pulumi.ComponentResourceOptions): Administrator {
  const config = new pulumi.Config(CONFIGURATION);
  const user = config.get("sharedDatabaseUser") ?? ADMINISTRATOR;
  const password = config.getSecret("sharedDatabasePassword");
  return { user, password: password ?? madePassword(providers) };
}

function madePassword(providers: pulumi.ComponentResourceOptions["providers"]): pulumi.Output<string> {
  const known = Array.isArray(providers) ? providers : Object.values(providers ?? {});
  const provider = known.find((candidate) => random.Provider.isInstance(candidate));
  const args = { length: PASSWORD_LENGTH, special: false };
  return new random.RandomPassword("clones-shared-database-password", args, { provider }).result;
}

/** KRO, where the stack says that the program is to install it. @param always whatever the stack says */
export function createKro(
  { kro }: ClonesSettings,
  opts: pulumi.ComponentResourceOptions,
  always = false,
): pulumi.Resource[] {
  return kro.install || always ? [new Kro("kro", kro, opts)] : [];
}

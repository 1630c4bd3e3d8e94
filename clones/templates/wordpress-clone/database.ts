import { CLONE_CREDENTIALS, CLONE_LABELS, CLONE_PLATFORM } from "../../../constructs/contract";
import type { ResourceGraphDefinitionSpecResources as Node } from "../../../constructs/imports/kro.run";
import { RDS } from "../../../constructs/versions";
import {
  byDatabase,
  cel,
  childLabels,
  childName,
  DATABASE,
  NAME,
  NAMESPACE,
  NODES,
  onceIf,
  platformValue,
  UID,
} from "./expressions";

export interface DedicatedDatabase {
  /** Instance class of RDS; db.t4g.micro is about $12 a month. */
  readonly instanceClass: string;
  /** Size of its disk, in GiB; 20 is the least that RDS makes. */
  readonly storageGiB: number;
}

/** Key of the clone's ConfigMap, and the variable that the pod reads it as. */
export const DATABASE_HOST = "WORDPRESS_DB_HOST";

/** Ending of that ConfigMap's name. */
export const DATABASE_CONFIG = "database";

/** Where the sidecar listens, for its own pod alone. */
const SIDECAR_HOST = '"127.0.0.1:3306"';

/** Host of the clone's database; unknown until RDS has given its instance an address. */
export const HOST = byDatabase({
  shared: platformValue(CLONE_PLATFORM.keys.databaseHost),
  dedicated: `${NODES.dbInstance}[0].status.endpoint.address`,
  sidecar: SIDECAR_HOST,
  sqlite: '""',
});

/** Whether ACK has said where the instance listens that `variable` names. */
export function hasAddress(variable: string): string {
  return `${variable}.?status.?endpoint.?address.orValue("") != ""`;
}

/** The dedicated RDS instance, by ACK: one or none. Nothing of it stays when the clone ends, no snapshot either. */
export function dbInstanceNode({ instanceClass, storageGiB }: DedicatedDatabase): Node {
  const { keys } = CLONE_CREDENTIALS;
  return {
    id: NODES.dbInstance,
    forEach: [{ dbName: onceIf(`${DATABASE} == "dedicated"`) }],
    readyWhen: [cel(hasAddress("each"))],
    template: {
      apiVersion: "rds.services.k8s.aws/v1alpha1",
      kind: "DBInstance",
      metadata: {
        name: cel("dbName"),
        labels: childLabels(),
        annotations: {
          "services.k8s.aws/deletion-policy": "delete",
          "rds.services.k8s.aws/skip-final-snapshot": "true",
          "rds.services.k8s.aws/delete-automated-backups": "true",
        },
      },
      spec: {
        // AWS deletes an instance long after its object is gone: a name used again would meet it.
        dbInstanceIdentifier: cel(`dbName + "-" + ${UID}.substring(0, 8)`),
        dbInstanceClass: instanceClass,
        ...RDS,
        allocatedStorage: storageGiB,
        storageType: "gp3",
        storageEncrypted: true,
        publiclyAccessible: false,
        multiAZ: false,
        backupRetentionPeriod: 0,
        deletionProtection: false,
        dbSubnetGroupName: cel(platformValue(CLONE_PLATFORM.keys.databaseSubnetGroup)),
        vpcSecurityGroupIDs: [cel(platformValue(CLONE_PLATFORM.keys.databaseSecurityGroup))],
        dbName: secretText(keys.databaseName),
        masterUsername: secretText(keys.databaseUser),
        // With its namespace: ACK takes "default" for a Secret that names none.
        masterUserPassword: {
          namespace: cel(NAMESPACE),
          name: cel(`${NODES.credentials}.metadata.name`),
          key: keys.databasePassword,
        },
        tags: [{ key: CLONE_LABELS.clone, value: cel(NAME) }],
      },
    },
  };
}

/**
 * The host apart from the pod: a pod template can't change, and the shared server may move while clones live. Their pods
 * find it when they start again.
 */
export function databaseNode(): Node {
  return {
    id: NODES.database,
    template: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: childName(DATABASE_CONFIG), labels: childLabels() },
      data: { [DATABASE_HOST]: cel(HOST) },
    },
  };
}

function secretText(key: string): string {
  return cel(`string(${NODES.credentials}.data["${key}"])`);
}

/** What data costs: databases, volumes, shared files, buckets, keys. */
import type { PlannedResource } from "../../model";
import type { ClaimSpec } from "../../report/kubernetes";
import { CostContext, lineOf } from "../context";
import type { CostLine } from "../model";
import { systemOf } from "../systems";
import { gibOf, isShared } from "./volumes";

interface DatabaseInputs {
  readonly instanceClass: string;
  readonly allocatedStorage: number;
  readonly backupRetentionPeriod: number;
  readonly multiAz: boolean;
}

/** A standby costs instance and disk again. Backups up to the disk's size are free. */
export function databaseLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const { databaseFill, databaseChangeADay } = context.assumptions;
  return resources.flatMap((resource) => {
    const inputs = resource.inputs as unknown as DatabaseInputs;
    const { instanceClass, allocatedStorage, backupRetentionPeriod, multiAz } = inputs;
    const copies = multiAz ? 2 : 1;
    const kept = databaseFill * allocatedStorage * (1 + databaseChangeADay * backupRetentionPeriod);
    const base = { system: systemOf(resource), resources: [resource] } as const;
    const zones = multiAz ? "two zones" : "one zone";
    const price = context.database(instanceClass, "aws.data.databaseClass");
    return [
      lineOf({
        ...base,
        id: "rds.instance",
        name: `Shared MySQL: ${instanceClass}, ${zones}`,
        quantity: copies,
        price,
      }),
      lineOf({
        ...base,
        id: "rds.storage",
        name: "Shared MySQL's disk",
        quantity: copies * allocatedStorage,
        price: context.price("rds.gp3"),
      }),
      lineOf({
        ...base,
        id: "rds.backup",
        name: "Shared MySQL's backups beyond the disk's size",
        quantity: Math.max(0, kept - allocatedStorage),
        price: context.price("rds.backup"),
        assumption: `${percent(databaseFill)} of the disk is data, ${percent(databaseChangeADay)} of it changes a day`,
      }),
    ];
  });
}

interface DatabaseTemplate {
  readonly kind: string;
  readonly spec: { readonly dbInstanceClass: string; readonly allocatedStorage: number; readonly multiAZ: boolean };
}

/** Those that KRO makes for clones; they come and go with them. */
export function dedicatedDatabaseLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const { dedicatedDatabases } = context.assumptions;
  return resources.flatMap((resource) => {
    const { resources: nodes = [] } = resource.inputs.spec as {
      resources?: readonly { template?: DatabaseTemplate }[];
    };
    const template = nodes.find((node) => node.template?.kind === "DBInstance")?.template;
    if (template === undefined) return [];
    const { dbInstanceClass, allocatedStorage, multiAZ } = template.spec;
    const quantity = dedicatedDatabases * (multiAZ ? 2 : 1);
    const assumption = `${dedicatedDatabases} clone with a database instance of its own lives at any time`;
    const base = { system: "clones", assumption, resources: [resource] } as const;
    const name = `Clones' own databases: ${dbInstanceClass}`;
    const price = context.database(dbInstanceClass, "ResourceGraphDefinition, DBInstance");
    const disks = {
      id: "rds.dedicated.storage",
      name: "Clones' own databases' disks",
      quantity: quantity * allocatedStorage,
    };
    return [
      lineOf({ ...base, id: "rds.dedicated", name, quantity, price }),
      lineOf({ ...base, ...disks, price: context.price("rds.gp3") }),
    ];
  });
}

/** Each shared volume: EFS bills what is written, wherever it lies, and its own backups. */
export function fileSystemLines(resources: readonly PlannedResource[], context: CostContext): CostLine[] {
  const { sharedVolumeFill, sharedVolumeReads, sharedVolumeWrites } = context.assumptions;
  const claims = context.objects.filter(({ kind }) => kind === "PersistentVolumeClaim");
  const shared = claims.map(({ spec }) => spec as ClaimSpec).filter(isShared);
  const written = sharedVolumeFill * shared.reduce((sum, spec) => sum + gibOf(spec), 0);
  const fill = `${percent(sharedVolumeFill)} of its volumes is written`;
  const base = { system: "loomworks", resources } as const;
  const backedUp = context.plan.resources.filter(({ type }) => type === "aws:efs/backupPolicy:BackupPolicy");
  const lines = [
    lineOf({
      ...base,
      id: "efs.storage",
      name: "Shared files",
      quantity: written,
      price: context.price("efs.standard"),
      assumption: fill,
    }),
    lineOf({
      ...base,
      id: "efs.read",
      name: "Shared files, read",
      quantity: written * sharedVolumeReads,
      price: context.price("efs.read"),
      assumption: `${fill}, and read ${sharedVolumeReads} times a month`,
    }),
    lineOf({
      ...base,
      id: "efs.write",
      name: "Shared files, written",
      quantity: written * sharedVolumeWrites,
      price: context.price("efs.write"),
      assumption: `${fill}, and written ${sharedVolumeWrites} times a month`,
    }),
  ];
  if (backedUp.length === 0) return lines;
  const price = context.price("efs.backup");
  return [
    ...lines,
    lineOf({
      ...base,
      id: "efs.backup",
      name: "Shared files' backups",
      quantity: written,
      price,
      assumption: fill,
      resources: backedUp,
    }),
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

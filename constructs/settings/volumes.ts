/** Volumes that exist already: Kubernetes can make a claim larger, never smaller. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Problem } from "../shared/problems";
import { parseQuantity } from "../shared/quantity";
import type { LoomworksSettings } from "./loomworks";

/** Names of an installation's volume claims. */
export const CLAIMS = {
  data: "postgres-data",
  wal: "postgres-wal-archive",
  backups: "postgres-backups",
  filestore: "odoo-filestore",
} as const;

/** A volume claim as it was reviewed. */
export interface ReviewedClaim {
  readonly namespace: string;
  readonly name: string;
  readonly size: string;
}

/** Every volume of `settings` that is smaller than its claim in `reviewed`. */
export function shrunkVolumes(
  settings: LoomworksSettings,
  path: string,
  reviewed: readonly ReviewedClaim[],
): Problem[] {
  const volumes = [
    { claim: CLAIMS.data, path: `${path}.postgres.dataVolume`, size: settings.postgres.dataVolume },
    { claim: CLAIMS.wal, path: `${path}.postgres.walVolume`, size: settings.postgres.walVolume },
    { claim: CLAIMS.backups, path: `${path}.backup.volume`, size: settings.backup.volume },
    { claim: CLAIMS.filestore, path: `${path}.odoo.filestoreVolume`, size: settings.odoo.filestoreVolume },
  ];
  return volumes.flatMap((volume) => {
    const before = reviewed.find(({ namespace, name }) => namespace === settings.namespace && name === volume.claim);
    if (before === undefined || parseQuantity(volume.size) >= parseQuantity(before.size)) return [];
    return [
      {
        code: "VOLUME_SHRINKS",
        path: volume.path,
        value: volume.size,
        reason: `the volume has ${before.size} already, and Kubernetes can't make one smaller`,
        remedy: `Give ${before.size} or more; docs/runbook.md tells how to move to a smaller volume`,
      },
    ];
  });
}

/** The volume claims in the reviewed manifests of one stack; none where there are no manifests yet. */
export function readReviewedClaims(folder: string): ReviewedClaim[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".k8s.yaml"));
  return files.flatMap((name) =>
    parseAllDocuments(readFileSync(join(folder, name), "utf8"))
      .map((document) => document.toJS() as ManifestLike | null)
      .filter((manifest) => manifest?.kind === "PersistentVolumeClaim")
      .map((claim) => ({
        namespace: claim?.metadata?.namespace ?? "",
        name: claim?.metadata?.name ?? "",
        size: claim?.spec?.resources?.requests?.storage ?? "",
      })),
  );
}

interface ManifestLike {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: { readonly resources?: { readonly requests?: { readonly storage?: string } } };
}

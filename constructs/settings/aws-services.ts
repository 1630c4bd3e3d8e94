/** The settings of what AWS runs beside the cluster, and of what watches and delivers. */
import { z } from "zod";
import { alertsSchema } from "./alerts";
import { addresses, bytes, count, databaseClass, repository } from "./fields";

export const dataSchema = z
  .strictObject({
    protect: z.boolean().default(true).describe("Whether AWS and Pulumi refuse to delete databases, files and backups"),
    databaseClass: databaseClass().default("db.t4g.medium").describe("Instance class of the MySQL that clones share"),
    databaseGiB: count(20, 16_384).default(50).describe("Its disk at first, in GiB"),
    databaseMaxGiB: count(22, 65_536)
      .default(500)
      .describe("Size beyond which its disk doesn't grow by itself, in GiB"),
    databaseMultiAz: z.boolean().default(true).describe("Whether a second instance stands by in another zone"),
    databaseBackupDays: count(1, 35).default(14).describe("Days for which each second of it can be restored"),
    backupDays: count(1, 3650).default(120).describe("Days for which the bucket keeps backups"),
    backupLockDays: count(0, 3650).default(14).describe("Days for which nobody can delete a backup; 0 for none"),
    backupLockMode: z
      .enum(["governance", "compliance"])
      .default("governance")
      .describe("Whether administrators that S3 lets lift that lock still can; in compliance not even AWS does"),
  })
  .prefault({});

export const observabilitySchema = z
  .strictObject({
    metricDays: count(1, 365).default(15).describe("Days for which metrics are kept"),
    metricsVolume: bytes().default("50Gi").describe("Size of Prometheus' volume. It can grow, never shrink"),
    logDays: count(1, 365).default(30).describe("Days for which the pods' logs are kept"),
    traceDays: count(1, 365).default(14).describe("Days for which traces are kept"),
    replicas: count(1, 3).default(2).describe("Replicas of Prometheus and Alertmanager"),
    alerts: alertsSchema,
  })
  .prefault({});

export const deliverySchema = z
  .strictObject({
    by: z
      .enum(["pulumi", "argocd"])
      .default("pulumi")
      .describe('Who applies dist: "pulumi" with all the rest, or "argocd" from the repository'),
    repository: repository().optional().describe("Address of this repository, where Argo CD delivers it"),
    revision: z.string().default("main").describe("Branch, tag or commit that Argo CD delivers"),
  })
  .prefault({});

export const pagesSchema = z
  .strictObject({
    publicAccess: z
      .array(addresses())
      .default([])
      .describe(
        "Networks from which Grafana and Argo CD are reached through the internet; none leaves them to `kubectl port-forward`",
      ),
  })
  .prefault({});

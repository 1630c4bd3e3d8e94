/** Settings of the clones that contradict each other. */
import type { Problem } from "../shared/problems";
import type { ClonesSettings } from "./clones";
import type { LoomworksSettings } from "./loomworks";

/** RFC 1035: the longest name that DNS carries, and the longest label: a customer's id with its dot. */
const LONGEST_HOST = 253;
const LONGEST_CUSTOMER = 63 + 1;

/** Cron lines that run in every hour: an expired clone goes on costing until the cleaner's next run. */
const EVERY_HOUR = /^\S+\s+\*\s+\*\s+\*\s+\*$/;

/** Every contradiction in `settings`; `path` is where they stand. */
export function cloneContradictions(settings: ClonesSettings, path: string): Problem[] {
  return [
    ...defaultTtlAboveMost(settings, path),
    ...domainTooLong(settings, path),
    ...cleanerTooRare(settings, path),
    ...albsTooSmall(settings, path),
    ...serviceReplicas(settings, path),
    ...warmPoolBounds(settings, path),
  ];
}

/** Databases are copied where they are: the kind's pods are those of the stack's own installation. */
export function copiesElsewhere({ service: { copies } }: ClonesSettings, loomworks: LoomworksSettings): Problem[] {
  if (!copies.enabled || copies.namespace === loomworks.namespace) return [];
  return [
    {
      code: "COPIES_NAMESPACE",
      path: "clones.service.copies.namespace",
      value: copies.namespace,
      reason: `the installation whose databases are copied is in ${loomworks.namespace}`,
      remedy: "Name that",
    },
  ];
}

function defaultTtlAboveMost({ defaultTtlSeconds, maxTtlSeconds }: ClonesSettings, path: string): Problem[] {
  if (defaultTtlSeconds <= maxTtlSeconds) return [];
  return [
    {
      code: "CLONES_DEFAULT_TTL",
      path: `${path}.defaultTtlSeconds`,
      value: defaultTtlSeconds,
      reason: `it is above maxTtlSeconds (${maxTtlSeconds}), so that no clone could be made without asking for less`,
      remedy: "Lower it, or raise maxTtlSeconds",
    },
  ];
}

function domainTooLong({ domain }: ClonesSettings, path: string): Problem[] {
  const longest = LONGEST_HOST - LONGEST_CUSTOMER;
  if (domain.length <= longest) return [];
  return [
    {
      code: "CLONES_DOMAIN_LENGTH",
      path: `${path}.domain`,
      value: domain,
      reason: `with a customer's id of 63 characters before it, it is longer than the ${LONGEST_HOST} that DNS carries`,
      remedy: `Give a domain of ${longest} characters or less`,
    },
  ];
}

function cleanerTooRare({ cleaner }: ClonesSettings, path: string): Problem[] {
  if (EVERY_HOUR.test(cleaner.schedule.trim())) return [];
  return [
    {
      code: "CLONES_CLEANER_RARE",
      path: `${path}.cleaner.schedule`,
      value: cleaner.schedule,
      reason: "it lets expired clones live on for more than an hour",
      remedy: 'Run it in every hour of every day, as in "*/5 * * * *"',
    },
  ];
}

function albsTooSmall({ routing, albGroups, clonesPerAlbGroup, quota }: ClonesSettings, path: string): Problem[] {
  const room = albGroups * clonesPerAlbGroup;
  if (routing !== "path" || room >= quota.pods) return [];
  return [
    {
      code: "CLONES_ALB_ROOM",
      path: `${path}.albGroups`,
      value: albGroups,
      reason: `with clonesPerAlbGroup (${clonesPerAlbGroup}) they have room for ${room} clones, and the quota for ${quota.pods}`,
      remedy: `Give ${Math.ceil(quota.pods / clonesPerAlbGroup)} or more, or lower quota.pods`,
    },
  ];
}

function serviceReplicas({ service: { minReplicas, maxReplicas } }: ClonesSettings, path: string): Problem[] {
  if (maxReplicas >= minReplicas) return [];
  return [
    {
      code: "CLONES_SERVICE_REPLICAS",
      path: `${path}.service.maxReplicas`,
      value: maxReplicas,
      reason: `it is below minReplicas (${minReplicas})`,
      remedy: "Raise it, or lower minReplicas",
    },
  ];
}

function warmPoolBounds({ service: { warmPool } }: ClonesSettings, path: string): Problem[] {
  if (warmPool.max >= warmPool.min) return [];
  return [
    {
      code: "CLONES_WARM_POOL",
      path: `${path}.service.warmPool.max`,
      value: warmPool.max,
      reason: `it is below min (${warmPool.min}), so that pods would be deleted as soon as they were made`,
      remedy: "Raise it, or lower min",
    },
  ];
}

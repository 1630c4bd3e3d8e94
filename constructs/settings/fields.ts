/** The kinds of value a setting can have, each with the sentence that its misuse gets. */
import { BlockList, isIPv4 } from "node:net";
import { CronExpressionParser } from "cron-parser";
import { z } from "zod";
import { parseQuantity } from "../shared/quantity";

/** What {@link toProblems} needs to make a full sentence of a failed check. */
export interface CheckParams {
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

/** RFC 1123: what namespaces and most object names must be. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Two labels at least; the last one begins with a letter, so that an IP address is no domain. */
const DOMAIN = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** RFC 1035: the longest name that DNS can carry, less the two characters of `*.`. */
const LONGEST_DOMAIN = 251;
const CPU = /^(\d+m|\d+(\.\d{1,3})?)$/;
const BYTES = /^\d+(Mi|Gi|Ti)$/;
/** Host with an optional port, then the path, as in image references. */
const REGISTRY = /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/;
const IMAGE_NAME = /^[a-z0-9]+([._/-]+[a-z0-9]+)*:[\w][\w.-]{0,127}(@sha256:[0-9a-f]{64})?$/;
/** Fewest bits that fix a network: /16 has 65536 addresses. */
const WIDEST_NETWORK = 16;

/** A field that holds one of Kubernetes' names. */
export const dnsLabel = () =>
  checked(z.string(), (text) => DNS_LABEL.test(text), {
    code: "SETTING_NAME",
    reason: "it is no DNS label",
    remedy: "Use 1 to 63 lower-case letters, digits and hyphens, and begin and end with a letter or digit",
  });

/** A field that holds a domain without its wildcard. */
export const domain = () =>
  checked(z.string(), (text) => DOMAIN.test(text) && text.length <= LONGEST_DOMAIN, {
    code: "SETTING_DOMAIN",
    reason: "it is no domain name",
    remedy: 'Give the domain alone, in lower case, without "*." or "https://", as in "loomworks.app"',
  });

/** A CPU quantity in Kubernetes' notation: `500m`, `2`. */
export const cpu = () =>
  checked(z.string(), (text) => CPU.test(text) && parseQuantity(text) > 0, {
    code: "SETTING_CPU",
    reason: "it is no CPU quantity",
    remedy: 'Write cores or thousandths of one, as text: "2" or "500m"',
  });

/** A quantity of memory or storage in Kubernetes' notation, binary units: `512Mi`, `4Gi`. */
export const bytes = () =>
  checked(z.string(), (text) => BYTES.test(text) && parseQuantity(text) > 0, {
    code: "SETTING_BYTES",
    reason: "it is no size",
    remedy: 'Write a whole number with Mi, Gi or Ti: "512Mi", "4Gi"',
  });

/** A schedule as CronJobs read it: five fields, in UTC. */
export const schedule = () =>
  checked(z.string(), isCronLine, {
    code: "SETTING_SCHEDULE",
    reason: "it is no cron line of five fields",
    remedy: 'Write minute, hour, day of month, month and day of week, as in "0 2 * * *" for 02:00 UTC each day',
  });

/** A field that holds where images come from: host and path, no scheme, no slash at the end. */
export const registry = () =>
  checked(z.string(), (text) => REGISTRY.test(text), {
    code: "SETTING_REGISTRY",
    reason: "it is no registry with a path",
    remedy: 'Give host and path alone, without "https://" and without a slash at the end, as in "ghcr.io/acme"',
  });

/** A field that holds an image's name below its registry, with its tag. */
export const imageName = () =>
  checked(z.string(), (text) => IMAGE_NAME.test(text) && !text.endsWith(":latest"), {
    code: "SETTING_IMAGE",
    reason: "it is no image name with a tag that names a release",
    remedy: 'Give name and tag, as in "wordpress-clone:1.4.2"; "latest" would be another image each day',
  });

/** A field that holds a private IPv4 network in CIDR notation. */
export const network = () =>
  checked(z.string(), isPrivateNetwork, {
    code: "SETTING_NETWORK",
    reason: "it is no private network of at most 65536 addresses",
    remedy: 'Give the subnet in CIDR notation, /16 or narrower, as in "10.0.64.0/18"',
  });

/** A field that holds any IPv4 network but the whole internet. */
export const addresses = () =>
  checked(z.string(), isLimited, {
    code: "SETTING_ADDRESSES",
    reason: "it is no network, or so wide that it keeps nobody out",
    remedy: 'Give the addresses of office and CI in CIDR notation, /8 or narrower, as in "203.0.113.0/24"',
  });

/** A field that holds an AWS account. `pulumi config set --path` writes its digits as a number. */
export const accountId = () =>
  checked(z.coerce.string(), (text) => /^\d{12}$/.test(text), {
    code: "SETTING_ACCOUNT",
    reason: "it is no AWS account",
    remedy: 'Give its twelve digits in quotes, as in "111122223333"',
  });

/** A field that holds a region of AWS. */
export const region = () =>
  checked(z.string(), (text) => /^[a-z]{2}(-[a-z]+){1,2}-\d$/.test(text), {
    code: "SETTING_REGION",
    reason: "it is no region of AWS",
    remedy: 'Give its name, as in "eu-central-1"',
  });

/** A field that holds the letter of an availability zone. */
export const zoneLetter = () =>
  checked(z.string(), (text) => /^[a-f]$/.test(text), {
    code: "SETTING_ZONE",
    reason: "it is no letter of a zone",
    remedy: 'Give the last letter of its name alone: "a" of eu-central-1a',
  });

/** A field that holds a type of EC2 instances. */
export const instanceType = () =>
  checked(z.string(), (text) => /^[a-z][a-z0-9-]*\.(\d*x?large|medium|small|micro|nano)$/.test(text), {
    code: "SETTING_INSTANCE",
    reason: "it is no type of an instance",
    remedy: 'Give family and size, as in "t3.xlarge"',
  });

/** A field that holds the ARN of a role or user. */
export const principal = () =>
  checked(z.string(), (text) => /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/.test(text), {
    code: "SETTING_PRINCIPAL",
    reason: "it is no ARN of an IAM role or user",
    remedy: 'Give it whole, as in "arn:aws:iam::111122223333:role/operators"',
  });

/** A field that holds the address of a Git repository. */
export const repository = () =>
  checked(z.string(), (text) => /^https:\/\/[^\s@]+$/.test(text), {
    code: "SETTING_REPOSITORY",
    reason: "it is no address of a repository",
    remedy: 'Give it without credentials, as in "https://github.com/acme/loomworks-platform"',
  });

/** A field that holds a class of RDS instances. */
export const databaseClass = () =>
  checked(z.string(), (text) => /^db\.[a-z0-9]+\.[a-z0-9]+$/.test(text), {
    code: "SETTING_INSTANCE",
    reason: "it is no class of a database's instance",
    remedy: 'Give prefix, family and size, as in "db.t4g.medium"',
  });

/** A field that holds the name of a schema in MySQL. */
export const schemaName = () =>
  checked(z.string(), (text) => /^[a-z][a-z0-9_]{0,62}$/.test(text), {
    code: "SETTING_DATABASE",
    reason: "it is no name of a schema",
    remedy: "Use lower-case letters, digits and underscores, 63 at most, and begin with a letter",
  });

/** A field that holds where a collector of traces listens: scheme, host and port; empty for none. */
export const collector = () =>
  checked(z.string(), isCollector, {
    code: "SETTING_COLLECTOR",
    reason: "it is no address of a collector",
    remedy:
      'Give scheme, host and port, without path and credentials, as in "http://otel-collector.observability:4318"',
  });

/** A whole number between two bounds, both included. */
export const count = (minimum: number, maximum: number) => z.int().min(minimum).max(maximum);

function checked<T extends z.ZodType<string>>(type: T, holds: (text: string) => boolean, params: CheckParams): T {
  return type.refine(holds, { params: { ...params } });
}

/** RFC 1918 and 6598. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet("10.0.0.0", 8);
PRIVATE.addSubnet("100.64.0.0", 10);
PRIVATE.addSubnet("172.16.0.0", 12);
PRIVATE.addSubnet("192.168.0.0", 16);

function isPrivateNetwork(text: string): boolean {
  const [address = "", bits = "", ...rest] = text.split("/");
  const fixed = /^\d{1,2}$/.test(bits) ? Number(bits) : Number.NaN;
  return isIPv4(address) && rest.length === 0 && fixed >= WIDEST_NETWORK && fixed <= 32 && PRIVATE.check(address);
}

/** Fewest bits of a network that keeps somebody out. */
const WIDEST_ADDRESSES = 8;

function isLimited(text: string): boolean {
  const [address = "", bits = "", ...rest] = text.split("/");
  const fixed = /^\d{1,2}$/.test(bits) ? Number(bits) : Number.NaN;
  return isIPv4(address) && rest.length === 0 && fixed >= WIDEST_ADDRESSES && fixed <= 32;
}

function isCollector(text: string): boolean {
  if (text === "") return true;
  return /^https?:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?:\d{1,5}$/.test(text) && URL.canParse(text);
}

function isCronLine(text: string): boolean {
  // cron-parser takes seconds and nicknames too, which a CronJob would refuse or read otherwise.
  if (text.trim().split(/\s+/).length !== 5) return false;
  try {
    CronExpressionParser.parse(text, { tz: "UTC", strict: false }).next();
    return true;
  } catch {
    return false;
  }
}

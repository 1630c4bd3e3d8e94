/** The kinds of value a setting can have, each with the sentence that its misuse gets. */
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

/** A whole number between two bounds, both included. */
export const count = (minimum: number, maximum: number) => z.int().min(minimum).max(maximum);

function checked<T extends z.ZodType<string>>(type: T, holds: (text: string) => boolean, params: CheckParams): T {
  return type.refine(holds, { params: { ...params } });
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

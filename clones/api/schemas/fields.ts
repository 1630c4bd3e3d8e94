/** Fields that requests are made of, with their bounds. */
import { z } from "zod";
import { isCustomerId } from "../../domain/host";
import { ServiceError } from "../../errors";
import { parseOutboundUrl, parseSiteUrl, URL_LENGTH, UrlPolicy } from "../../net/url-policy";

/** Documents' bounds of a clone's life, in minutes; the resource has the same in seconds. */
export const TTL_MINUTES = { minimum: 1, maximum: 10_080, default: 30 } as const;

/** Control characters (C0, DEL, C1) end lines and strings elsewhere; half a surrogate pair is no character at all. */

const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u;

/** Characters as people count them, not UTF-16 units; none that a line, a header or a column would stumble over. */
export function text(maximum: number) {
  // A unit more than twice the bound can't be within it, so nothing long is counted.
  return z
    .string()
    .min(1)
    .max(maximum * 2)
    .refine((value) => !UNPRINTABLE.test(value), "it has control characters or broken ones|Leave them away")
    .refine((value) => Array.from(value).length <= maximum, `it is too long|At most ${maximum} characters`)
    .meta({ maxLength: maximum });
}

/** The id under which a customer's clone is reached. */
export const customerId = text(40)
  .refine(isCustomerId, "it can be no part of a host|Lower-case letters, digits and hyphens, 40 at most")
  .describe("Whom the clone is for: lower-case letters, digits and hyphens; the first part of its host")
  .meta({ examples: ["test-clone-001"] });

export const ttlMinutes = z.int().min(TTL_MINUTES.minimum).max(TTL_MINUTES.maximum);

/** Address of a site. */
export function siteUrl(policy: UrlPolicy) {
  return url((value, path) => parseSiteUrl(value, policy, path));
}

export function webhookUrl(policy: UrlPolicy) {
  return url((value, path) => parseOutboundUrl(value, policy, path));
}

function url(parse: (value: string, path: string) => URL) {
  return z
    .string()
    .max(URL_LENGTH)
    .superRefine((value, context) => {
      try {
        parse(value, "url");
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        const [problem] = error.problems;
        const message = `${problem?.reason ?? ""}|${problem?.remedy ?? ""}`;
        context.addIssue({ code: "custom", message, params: { code: error.code } });
      }
    })
    .meta({ format: "uri" });
}

/** Who hears of alerts. What is secret about it is no setting: infra/observability/alert-channels.ts reads it. */
import { z } from "zod";
import type { CheckParams } from "./fields";

const ADDRESS = /^[^\s@,;:<>"()]+@([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$/i;
const HOST_AND_PORT = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}:\d{1,5}$/i;
const PAGE = /^https:\/\/[^\s@]+[^\s@/]$/;

const mailbox = () =>
  text(ADDRESS, {
    code: "SETTING_MAILBOX",
    reason: "it is no address of a mailbox",
    remedy: 'Give the address alone, as in "oncall@example.com"',
  });

const emailSchema = z
  .strictObject({
    to: z.array(mailbox()).default([]).describe("Who gets every alert by e-mail; none for no e-mail"),
    from: mailbox().optional().describe("Sender; alerts@ the stack's domain where nothing is said"),
    smarthost: text(HOST_AND_PORT, {
      code: "SETTING_SMARTHOST",
      reason: "it is no host with its port",
      remedy: 'Give both, as in "email-smtp.eu-central-1.amazonaws.com:587"',
    })
      .optional()
      .describe("Host and port of the mail server; it has to know STARTTLS"),
    username: z
      .string()
      .min(1)
      .optional()
      .describe("Who logs in to it; the password is the secret `alerts:smtpPassword` of the stack's configuration"),
  })
  .superRefine(({ to, smarthost }, context) => {
    if (to.length === 0 || smarthost !== undefined) return;
    const reason = "somebody is to get e-mails, and no server takes them";
    const remedy = 'Give host and port, as in "email-smtp.eu-central-1.amazonaws.com:587"';
    context.addIssue({
      code: "custom",
      path: ["smarthost"],
      params: { code: "SETTING_MISSING", reason, remedy } satisfies CheckParams,
    });
  })
  .prefault({});

export const alertsSchema = z
  .strictObject({
    email: emailSchema,
    webhook: z
      .enum(["all", "critical"])
      .default("all")
      .describe(
        'What the webhook `alerts:webhookUrl` hears of: "all", or what is "critical" alone, where it rings a phone',
      ),
    documents: text(PAGE, {
      code: "SETTING_PAGE",
      reason: "it is no address of a page",
      remedy: 'Give it with "https://" and without a slash at the end',
    })
      .optional()
      .describe(
        "Where people read this repository's files, as in https://github.com/acme/loomworks-platform/blob/main; links to the runbook begin with it",
      ),
  })
  .prefault({});

export type AlertsSettings = z.output<typeof alertsSchema>;

function text(form: RegExp, params: CheckParams) {
  return z.string().refine((value) => form.test(value), { params: { ...params } });
}

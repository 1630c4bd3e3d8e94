/** What sites do to whoever copies them, in the words of whoever asked for it. Codes stand in docs/errors.md. */
import { MigrationError } from "./site-migrator";

export interface SiteProblem {
  /** One of docs/errors.md. */
  readonly code: string;
  /** Address of the site, without query. */
  readonly site: string;
  /** What was seen; never a secret. @default nothing worth telling */
  readonly got?: string | number;
  readonly reason: string;
  readonly remedy: string;
  /** @default false: the site refuses, and will again */
  readonly retryable?: boolean;
  /** Seconds that the site asked to be left alone. */
  readonly afterSeconds?: number;
}

export function siteError(problem: SiteProblem): MigrationError {
  const { code, site, got, reason, remedy, retryable = false, afterSeconds } = problem;
  const value = got === undefined ? "" : `got ${JSON.stringify(got)}; `;
  return new MigrationError(code, `${code} ${site}: ${value}${reason}. ${remedy}.`, retryable, afterSeconds);
}

/** Address without query and credentials: what may stand in a message. */
export function shown(url: string): string {
  if (!URL.canParse(url)) return "(no URL)";
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** Most characters of a stranger's words that a message repeats. */
const QUOTED = 300;

/** What a site said, as one short line without its full stop. */
export function quoted(text: string): string {
  const line = text
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .replace(/\.$/, "");
  return line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line;
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL/;
const STALLS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** Of an error of the network: no answer, or one that broke off. */
export function networkError(url: string, error: unknown): MigrationError {
  const code = codeOf(error);
  const site = shown(url);
  if (STALLS.has(code)) {
    return siteError({
      code: "SITE_STALLED",
      site,
      reason: "it took the question, and then not a byte came for a minute",
      remedy: "Ask again when the site is less busy; its host may be overloaded",
      retryable: true,
    });
  }
  if (CERTIFICATE.test(code)) {
    return siteError({
      code: "SITE_CERTIFICATE",
      site,
      got: code,
      reason: "its certificate isn't valid for its name",
      remedy: "Renew it, or correct the address",
    });
  }
  return siteError({
    code: "SITE_UNREACHABLE",
    site,
    got: code,
    reason: "it didn't answer, or broke off in the middle",
    remedy: "Is it up, and its name right",
    retryable: true,
  });
}

/** Node's and undici's codes stand in the error, or in what caused it. */
function codeOf(error: unknown): string {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as NodeJS.ErrnoException;
    if (typeof code === "string") return code;
  }
  return "no answer";
}

/** Keeps secrets out of what the service says of a job, whoever worded it. */

const HIDDEN = "***";

/** Shorter ones would have every word hidden; nobody is let in by them either. */
const SHORTEST = 4;

export class Scrubber {
  private readonly forms = new Set<string>();

  hide(...secrets: readonly (string | undefined)[]): void {
    for (const secret of secrets) {
      if (secret === undefined || secret.length < SHORTEST) continue;
      const base64 = Buffer.from(secret).toString("base64");
      const encoded = [
        encodeURIComponent(secret),
        JSON.stringify(secret).slice(1, -1),
        base64,
        base64.replace(/=+$/, ""),
      ];
      for (const form of [secret, ...encoded]) this.forms.add(form);
    }
  }

  /** Every text within, at any depth. */
  hideAll(value: unknown): void {
    if (typeof value === "string") this.hide(value);
    else if (typeof value === "object" && value !== null) for (const one of Object.values(value)) this.hideAll(one);
  }

  clean(text: string): string {
    const byLength = [...this.forms].sort((one, other) => other.length - one.length);
    const cleaned = byLength.reduce((left, form) => left.replaceAll(form, HIDDEN), text);
    return cleaned
      .replaceAll(/(\w+:\/\/)[^\s/@]+@/g, `$1${HIDDEN}@`)
      .replaceAll(/\b(Basic|Bearer)\s+[\w+/=.~-]{4,}/gi, `$1 ${HIDDEN}`);
  }
}

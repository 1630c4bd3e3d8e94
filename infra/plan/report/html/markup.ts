/** Markup that is safe by construction: whatever is put into it is escaped, unless it is markup itself. */

export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that no HTML document may hold, and those that turn the direction of what follows. */
const UNPRINTABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g;

/** Template of HTML or SVG. Attributes must be quoted where they are written. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.map((part, at) => (at === 0 ? part : rendered(contents[at - 1]) + part)).join(""));
}

function rendered(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (content === undefined) return "";
  return typeof content === "object" ? content.map(rendered).join("") : escaped(String(content));
}

function escaped(text: string): string {
  return text.replace(UNPRINTABLE, "\ufffd").replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** Text as part of an id or a fragment: letters, digits and dashes alone, and different for different texts. */
export function idOf(...parts: readonly string[]): string {
  const code = (character: string) => `_${character.charCodeAt(0).toString(16)}_`;
  return parts.map((part) => part.replace(/[^A-Za-z0-9-]/g, code)).join("--");
}

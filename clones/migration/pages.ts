/** Reads what a page of a site says: its forms, links and title. Pages are strangers' and of any form. */
import { DomUtils, parseDocument } from "htmlparser2";

export interface Form {
  readonly id: string;
  readonly action: string;
  /** Values of its hidden inputs. */
  readonly hidden: Readonly<Record<string, string>>;
  /** Names and ids of all inputs. */
  readonly inputs: readonly string[];
}

export class Page {
  private readonly document: ReturnType<typeof parseDocument>;

  constructor(readonly text: string) {
    this.document = parseDocument(text);
  }

  get title(): string {
    const [title] = DomUtils.getElementsByTagName("title", this.document, true, 1);
    return title === undefined ? "" : DomUtils.textContent(title).replaceAll(/\s+/g, " ").trim();
  }

  get forms(): readonly Form[] {
    return DomUtils.getElementsByTagName("form", this.document).map((form) => {
      const inputs = DomUtils.getElementsByTagName("input", form);
      const hidden = inputs.filter(({ attribs: { type = "", name = "" } }) => type === "hidden" && name !== "");
      return {
        id: form.attribs.id ?? "",
        action: form.attribs.action ?? "",
        hidden: Object.fromEntries(hidden.map(({ attribs: { name = "", value = "" } }) => [name, value])),
        inputs: inputs.flatMap(({ attribs: { name, id } }) => [name, id]).filter((name) => name !== undefined),
      };
    });
  }

  /** Of every link. */
  get links(): readonly string[] {
    return DomUtils.getElementsByTagName("a", this.document).map(({ attribs: { href = "" } }) => href);
  }

  /** Whether any element has this id. */
  has(id: string): boolean {
    return DomUtils.getElementById(id, this.document) !== null;
  }

  /** Classes, ids, names and sources of scripts: by these, captchas are known. */
  get marks(): string {
    const elements = DomUtils.findAll(() => true, this.document.children);
    return elements.map(({ attribs: { class: list, id, name, src } }) => [list, id, name, src].join(" ")).join("\n");
  }

  /** Whether it says of itself that WordPress made it. */
  get isWordPress(): boolean {
    return /\/wp-(content|includes|json)\/|content="WordPress/i.test(this.text);
  }
}

/** docs/settings.md, from the schema: `npm run docs` writes it, and a test finds it out of date. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { settingsSchema } from "../settings";

/** A node of zod's JSON Schema, as far as it is read here. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: string | number | boolean | readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly (string | number)[];
  readonly properties?: Readonly<Record<string, Node>>;
}

const INTRODUCTION = `# Settings

Every setting of a stack, with its default. A stack sets what it wants otherwise in \`Pulumi.<stack>.yaml\`, under
\`config:\`, as \`loomworks-platform:<key>\`; synth and program read it through one schema, and show all problems at once
([errors](errors.md)). \`dist/<stack>/settings.yaml\` has the outcome, every default filled in.

Written by \`npm run docs\` from \`constructs/settings/\`.

| setting | kind | default | meaning |
|---|---|---|---|
`;

/** The whole document. */
export function renderReference(): string {
  const schema = z.toJSONSchema(settingsSchema, { io: "input" }) as Node;
  return INTRODUCTION + rows(schema, []).join("");
}

function rows(node: Node, path: readonly string[]): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const here = [...path, name];
    if (child.properties !== undefined) return rows(child, here);
    const fallback = String(child.default ?? "");
    return [
      `| \`${here.join(".")}\` | ${kind(child)} | ${fallback === "" ? "" : `\`${fallback}\``} | ${child.description ?? ""} |\n`,
    ];
  });
}

function kind({ type, minimum, maximum, enum: choices }: Node): string {
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(" or ");
  if (type === "array") return "list of texts";
  if (type === "integer") return `${minimum ?? ""} to ${maximum ?? ""}`;
  return type === "boolean" ? "true or false" : "text";
}

if (require.main === module) {
  writeFileSync(resolve(__dirname, "../../docs/settings.md"), renderReference());
}

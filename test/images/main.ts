/**
 * Builds the images that the pods of dist/staging name, and says what they are.
 *
 *   npx tsx test/images/main.ts [NAME…]            builds what the cache doesn't have
 *   npx tsx test/images/main.ts --print [NAME…]    builds nothing: says where each would come from, and lie
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { columns } from "../../clones/cli/text";
import { runCommand, UsageError } from "../../constructs/shared/cli";
import { readArchive } from "./archive";
import { planImages, ProvidedImage, provideImages } from "./provide";

async function main(): Promise<number> {
  const { print, names } = readArguments(process.argv.slice(2));
  const rows = print ? await plannedRows(names) : await builtRows(names);
  process.stdout.write(`${columns(rows)}\n`);
  return 0;
}

async function plannedRows(names: readonly string[] | undefined): Promise<string[][]> {
  const planned = await planImages(names);
  const rows = planned.map(({ name, source, archive }) => [name, source, existsSync(archive) ? "yes" : "no", archive]);
  return [["image", "from", "built", "archive"], ...rows];
}

async function builtRows(names: readonly string[] | undefined): Promise<string[][]> {
  const images = await provideImages(names);
  const total = images.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    ["image", "MB", "layers", "user", "from"],
    ...(await Promise.all(images.map(builtRow))),
    ["all", megabytes(total), "", "", ""],
  ];
}

async function builtRow({ name, archive, bytes, source }: ProvidedImage): Promise<string[]> {
  const { layers, config } = await readArchive(archive);
  const user = config.User === undefined || config.User === "" ? "root" : config.User;
  return [name, megabytes(bytes), String(layers.length), user, source];
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6));
}

/** @throws {UsageError} */
function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { print: { type: "boolean", default: false } },
    });
    return { print: values.print, names: positionals.length === 0 ? undefined : positionals };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nUsage: main.ts [--print] [NAME…]`);
  }
}

if (require.main === module) runCommand(main);

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(__dirname, "..");

function filesBelow(folder: string, ending: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending) && !name.includes("node_modules"))
    .map((name) => join(ROOT, folder, name));
}

const read = (path: string) => readFileSync(path, "utf8");

/** Sources that throw coded errors; generated API types are none. */
const sources = ["infra", "constructs", "clones", "test/cluster", "test/e2e", "test/images"]
  .flatMap((folder) => filesBelow(folder, ".ts"))
  .filter((path) => !/imports\/[a-z0-9.-]+\.(io|com)\.ts$|\.test\.ts$/.test(path));
const code = sources.map(read).join("\n");
/** The plugin's own refusals: thrown, by the reader's refuse(), or answered by the rules. */
const plugin = filesBelow("clones/image", ".php").map(read).join("\n");
const PLUGIN_CODES = /(?:(?:Custom_Migrator_Error\(|->refuse\() '|return '(?=ARCHIVE_))([A-Z_]+)'/g;
/** What scripts of Loomworks say: by refuse or report, or in the form of all errors. */
const scripts = [
  ...filesBelow("constructs/loomworks/scripts", ".sh"),
  ...filesBelow("constructs/loomworks/scripts", ".py"),
];
const told = scripts
  .map(read)
  .flatMap((text) =>
    [...text.matchAll(/(?:\brefuse |"code\\":\\"|"code":"|print\(f")([A-Z]+_[A-Z_]+)/g)].map(([, found]) => found!),
  );
const documented = [...read(join(ROOT, "docs/errors.md")).matchAll(/^\| `([A-Z0-9_]+)` *\|/gm)].map(
  ([, found]) => found!,
);

describe("docs/errors.md", () => {
  it("explains every code that the program can show", () => {
    const thrown = new Set([...code.matchAll(/code: "([A-Z][A-Z0-9_]+)"/g)].map(([, found]) => found!));
    expect(thrown.size).toBeGreaterThan(20);
    expect([...thrown].filter((found) => !documented.includes(found))).toEqual([]);
  });

  it("explains every code that the plugin can answer", () => {
    const answered = new Set([...plugin.matchAll(PLUGIN_CODES)].map(([, found]) => found!));
    expect(answered.size).toBeGreaterThan(40);
    expect([...answered].filter((found) => !documented.includes(found))).toEqual([]);
  });

  it("explains every code that a script of Loomworks can tell", () => {
    expect(told.length).toBeGreaterThan(10);
    expect(told.filter((found) => !documented.includes(found))).toEqual([]);
  });

  it("explains no code that the program can't show", () => {
    const shown = (found: string) =>
      code.includes(`"${found}"`) || plugin.includes(`'${found}'`) || told.includes(found);
    expect(documented.filter((found) => !shown(found))).toEqual([]);
  });

  it("explains each code once", () => {
    expect(documented).toEqual([...new Set(documented)]);
  });
});

describe("the documents", () => {
  const documents = [join(ROOT, "README.md"), ...filesBelow("docs", ".md")];
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");

  it.each(documents.map((path) => [relative(ROOT, path), path] as const))(
    "%s has no link that leads nowhere",
    (_, path) => {
      const links = [...read(path).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(
        ([, target]) => !/^\w+:/.test(target!),
      );
      const dead = links.filter(([, target, fragment]) => {
        const file = target === "" ? path : resolve(dirname(path), target!);
        if (!existsSync(file)) return true;
        if (fragment === undefined) return false;
        return ![...read(file).matchAll(/^#+ (.+)$/gm)].some(([, heading]) => anchor(heading!) === fragment);
      });
      expect(dead.map(([link]) => link)).toEqual([]);
    },
  );

  it("name every command of package.json in the README", () => {
    const { scripts } = JSON.parse(read(join(ROOT, "package.json"))) as { scripts: Record<string, string> };
    const readme = read(join(ROOT, "README.md"));
    const missing = Object.keys(scripts).filter((name) => !new RegExp(`npm (run )?${name}\\b`).test(readme));
    expect(missing).toEqual([]);
  });
});

describe("docs/migrator.md", () => {
  const document = read(join(ROOT, "docs/migrator.md"));

  it("lists every folder and file that the plugin leaves out", () => {
    const list = read(join(ROOT, "clones/image/custom-migrator/includes/class-left-out.php"));
    const names = [...list.matchAll(/^\t(?:\t'|const ANYWHERE = array\( ')(.*)'/gm)].flatMap(([, found]) =>
      found!.split("', '"),
    );
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });

  it("has every route", () => {
    const rest = read(join(ROOT, "clones/image/custom-migrator/includes/class-rest.php"));
    const routes = [...rest.matchAll(/^\t\t'([a-z-]+)' +=> array\(/gm)].map(([, found]) => found!);
    expect(routes.length).toBeGreaterThan(8);
    expect(routes.filter((route) => !new RegExp(`(GET|POST) ${route}\\b`).test(document))).toEqual([]);
  });
});

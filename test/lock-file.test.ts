import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
}

const { packages } = JSON.parse(readFileSync(join(resolve(__dirname, ".."), "package-lock.json"), "utf8")) as {
  packages: Readonly<Record<string, Locked>>;
};

/** Where Node would look for it, from the folder of whoever asks to the root. */
function isLocked(name: string, from: string): boolean {
  if (packages[[from, "node_modules", name].filter(Boolean).join("/")] !== undefined) return true;
  if (from === "") return false;
  return isLocked(name, from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/"))));
}

describe("package-lock.json", () => {
  it("has what each package may have beside it: `npm ci` refuses a release that lacks some platform's part", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).flatMap((name) => (isLocked(name, path) ? [] : [`${name} of ${path}`])),
    );
    expect(missing).toEqual([]);
  });

  it("names no registry", () => {
    expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });
});

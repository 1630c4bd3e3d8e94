import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");

describe("The bundle of the service", () => {
  // Below the system's folder for such things: no node_modules above it could help out.
  const folder = mkdtempSync(join(tmpdir(), "clone-service-"));
  const out = join(folder, "app");

  beforeAll(() => {
    const built = spawnSync(process.execPath, [join(ROOT, "clones/image/build.mjs"), out], { encoding: "utf8" });
    expect({ status: built.status, stderr: built.stderr }).toEqual({ status: 0, stderr: "" });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (file: string, ...args: string[]) => {
    const options = { cwd: out, env: { PATH: process.env.PATH, HOME: folder }, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { ...options, timeout: 60_000 });
    return { status, text: stdout + stderr };
  };

  it("has one file for each command of the manifests", () => {
    const manifests = readdirSync(join(ROOT, "dist/staging")).filter((name) => name.startsWith("clones."));
    const text = manifests.map((name) => readFileSync(join(ROOT, "dist/staging", name), "utf8")).join("\n");
    const commands = [...text.matchAll(/^ +- node\n +- (\S+\.js)$/gm)].map(([, file]) => file!);
    expect([...new Set(commands)].sort()).toEqual([
      "cleaner.js",
      "migrate.js",
      "server.js",
      "warm-pool.js",
      "worker.js",
    ]);
    expect(commands.filter((file) => !existsSync(join(out, file)))).toEqual([]);
  });

  it.each([
    ["cleaner.js", /^CLEANER_ARGUMENT command: got ""; the cleaner knows once and watch\./m],
    ["migrate.js", /SERVICE_CONFIG JOBS_DATABASE_HOST: got undefined;/],
    ["server.js", /SERVICE_CONFIG /],
    ["worker.js", /SERVICE_CONFIG /],
    ["warm-pool.js", /WARM_POOL_ARGUMENT WARM_POD_TEMPLATE/],
  ])(
    "starts %s without node_modules, up to what it is missing",
    (file, says) => {
      const { status, text } = start(file);
      expect(text).toMatch(says);
      expect(text).not.toMatch(/MODULE_NOT_FOUND|Cannot find module|is not a function/);
      expect(status).toBe(1);
    },
    90_000,
  );

  it("has the operators' commands, for kubectl exec into a pod that knows the jobs table", () => {
    expect(start("cli/main.js", "--help").text).toContain("keys create");
    const { status, text } = start("cli/main.js", "keys", "list");
    expect(text).not.toMatch(/MODULE_NOT_FOUND|Cannot find module|is not a function/);
    expect(text).toMatch(/STORE_|SERVICE_CONFIG/);
    expect(status).toBe(1);
  });

  it("holds no native program: one image's files run on every kind of processor", () => {
    const names = readdirSync(out, { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => name.endsWith(".node"))).toEqual([]);
    expect(names).toContain(join("static", "swagger-ui.css"));
    // The worker uploads it to sites.
    expect(names).toContain(join("image", "custom-migrator", "custom-migrator.php"));
    expect(names).toContain(join("console", "index.html"));
  });
});

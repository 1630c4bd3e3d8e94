import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adminUrl, readConfig, storeUrl } from "../../clones/config";

describe("the environment of the service", () => {
  it("may be empty where a process needs nothing of it", () => {
    const config = readConfig({}, []);
    expect(config).toMatchObject({ PORT: 8000, CLONE_NAMESPACE: "wordpress-staging", CLONE_EXPOSE_CREDENTIALS: false });
  });

  it("reads what a manifest gives, numbers and flags as such", () => {
    const env = { PORT: "8080", CLONE_ALLOW_PRIVATE_SOURCES: "true", WARM_POOL_MAX: "3", LOG_LEVEL: "" };
    expect(readConfig(env, [])).toMatchObject({
      PORT: 8080,
      CLONE_ALLOW_PRIVATE_SOURCES: true,
      WARM_POOL_MAX: 3,
      LOG_LEVEL: "info",
    });
  });

  it("tells everything that is wrong at once, and shows no secret", () => {
    const env = { PORT: "http", CLONE_REUSE: "x", WARM_POOL_REUSE: "yes", CLONE_VAULT_KEYS_FILE: "/nowhere/keys" };
    const read = () => readConfig(env, ["JOBS_DATABASE_HOST", "CLONE_VAULT_KEYS"]);
    expect(read).toThrow(/SERVICE_CONFIG PORT: got "http"/);
    expect(read).toThrow(/SERVICE_CONFIG WARM_POOL_REUSE: got "yes"/);
    expect(read).toThrow(/SERVICE_CONFIG CLONE_VAULT_KEYS_FILE: got "\/nowhere\/keys"; no such file/);
    expect(read).toThrow(/SERVICE_CONFIG JOBS_DATABASE_HOST: .*Set JOBS_DATABASE_HOST or JOBS_DATABASE_HOST_FILE/);
  });

  it("takes a secret from a file, so that it is in no environment", () => {
    const folder = mkdtempSync(join(tmpdir(), "clones-config-"));
    writeFileSync(join(folder, "password"), "p@ss/word\n");
    const env = { JOBS_DATABASE_HOST: "db", JOBS_DATABASE_PASSWORD_FILE: join(folder, "password") };
    expect(storeUrl(readConfig(env, []))).toBe("mysql://job_store:p%40ss%2Fword@db:3306/clone_jobs");
    rmSync(folder, { recursive: true });
  });

  it("names the same server for who may make users there", () => {
    const env = { JOBS_DATABASE_HOST: "db", JOBS_DATABASE_ADMIN_USER: "root", JOBS_DATABASE_ADMIN_PASSWORD: "x" };
    expect(adminUrl(readConfig(env, []))).toBe("mysql://root:x@db:3306/clone_jobs");
  });

  it("takes a whole address where there is one", () => {
    expect(storeUrl(readConfig({ CLONE_STORE_URL: "sqlite::memory:" }, []))).toBe("sqlite::memory:");
  });
});

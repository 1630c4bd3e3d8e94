import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseQuantity } from "../../../../constructs/shared/quantity";
import { loomworksSettings, synthesizeLoomworks } from "../../../support/loomworks";
import { SCRIPTS } from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";

const python = spawnSync("python3", ["--version"]).status === 0 ? undefined : "python3 is not on PATH";

describeWith(python, "[LOOM-06] odoo.conf's check", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "loomworks-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const { data } = synthesizeLoomworks().find("ConfigMap", "odoo-config");
  const limit = String(parseQuantity(loomworksSettings().odoo.resources.memoryLimit));

  /** Renders the ConfigMap with changes, and checks what came out, as the pod's first two containers do. */
  const check = (changes: Record<string, string> = {}, memory = limit) => {
    const file = join(folder, "odoo.conf");
    const env = { PATH: process.env.PATH, ...data, ODOO_CONF_ADMIN_PASSWD: "s3cret", ...changes };
    expect(spawnSync(join(SCRIPTS, "render-odoo-conf.sh"), [file], { env }).status).toBe(0);
    const checkEnv = { PATH: process.env.PATH, ODOO_MEMORY_LIMIT: memory };
    const script = join(SCRIPTS, "check-odoo-conf.py");
    const { status, stderr } = spawnSync("python3", [script, file], { encoding: "utf8", env: checkEnv });
    return { status, stderr };
  };

  it("takes what the manifests say", () => {
    expect(check()).toEqual({ status: 0, stderr: "" });
  });

  it.each([
    ["ODOO_CONF_WORKERZ", "3", "ODOO_CONF workerz: Odoo knows no such option"],
    ["ODOO_CONF_WORKERS", "0", "ODOO_CONF workers: got 0; nobody would answer on the port of websockets"],
    ["ODOO_CONF_WORKERS", "many", "ODOO_CONF workers: got many; it is no whole number"],
    ["ODOO_CONF_WORKERS", "9", "all processes together could take"],
    ["ODOO_CONF_LIST_DB", "True", "ODOO_CONF list_db: got True; anybody could see all databases"],
    ["ODOO_CONF_PROXY_MODE", "False", "ODOO_CONF proxy_mode: got False;"],
    ["ODOO_CONF_DBFILTER", "", "a host would be shown other tenants' databases. Give ^%d$"],
    ["ODOO_CONF_DBFILTER", "%d", "ODOO_CONF dbfilter: got %d;"],
    ["ODOO_CONF_DB_NAME", "acme", "hosts of other databases would be led to it"],
    ["ODOO_CONF_GEVENT_PORT", "8069", "it is http_port, too"],
    ["ODOO_CONF_LIMIT_MEMORY_SOFT", "99999999999", "it is above limit_memory_hard"],
    ["ODOO_CONF_LIMIT_TIME_CPU", "9999", "limit_time_real ends a request before"],
    ["ODOO_CONF_ADMIN_PASSWD", "admin", "the master password is missing, or Odoo's own default"],
  ])("refuses %s=%s", (name, value, message) => {
    expect(check({ [name]: value })).toEqual({ status: 1, stderr: expect.stringContaining(message) });
  });

  it("says everything at once, and never the master password", () => {
    const { stderr } = check({
      ODOO_CONF_WORKERS: "0",
      ODOO_CONF_LIST_DB: "True",
      ODOO_CONF_ADMIN_PASSWD: "s3cret-indeed",
    });
    expect(stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).not.toContain("s3cret");
  });
});

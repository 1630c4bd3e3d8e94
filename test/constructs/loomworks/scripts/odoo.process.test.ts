import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePorts } from "../../../cluster/probe";
import { missingPsycopg, PYTHON } from "../../../support/python";
import { describeWith } from "../../../support/requires";
import { synthesizeLoomworks } from "../../../support/loomworks";

const SCRIPTS = resolve(__dirname, "../../../../constructs/loomworks/scripts");

describe("[LOOM-06] odoo.conf", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "loomworks-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const render = (env: Record<string, string>) => {
    const file = join(folder, "odoo.conf");
    const { status, stderr } = spawnSync(join(SCRIPTS, "render-odoo-conf.sh"), [file], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, ...env },
    });
    return { status, stderr, lines: status === 0 ? readFileSync(file, "utf8").trimEnd().split("\n") : [] };
  };

  it("has a line for each option of the ConfigMap, and the master password", () => {
    const { data } = synthesizeLoomworks().find("ConfigMap", "odoo-config");
    const { lines } = render({ ...data, ODOO_CONF_ADMIN_PASSWD: "s3cret" });
    expect(lines[0]).toBe("[options]");
    expect(lines).toEqual(
      expect.arrayContaining([
        "workers = 3",
        "dbfilter = ^%d$",
        "list_db = False",
        "proxy_mode = True",
        "admin_passwd = s3cret",
      ]),
    );
    expect(lines).toHaveLength(1 + Object.keys(data).filter((key) => key.startsWith("ODOO_CONF_")).length + 1);
  });

  it("takes nothing from the image's own variables", () => {
    expect(render({ ODOO_RC: "/etc/odoo/odoo.conf", ODOO_VERSION: "19.0" }).lines).toEqual(["[options]"]);
  });

  it("keeps values as they are, equals signs and all", () => {
    expect(render({ ODOO_CONF_ADMIN_PASSWD: "a=b $HOME `id` \"'" }).lines).toContain(
      "admin_passwd = a=b $HOME `id` \"'",
    );
  });

  it("refuses a value that would be more than one option", () => {
    expect(render({ ODOO_CONF_X: "1\nlist_db = True" })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("more than one line"),
    });
  });
});

describeWith(missingPsycopg(), "[LOOM-13] Odoo's exporter", () => {
  let odoo: Server;
  let databaseUp = true;
  let exporter: ReturnType<typeof spawn>;
  let url: string;

  beforeAll(async () => {
    odoo = createServer((request, response) => {
      response.statusCode = request.url?.includes("db_server_status") === true && !databaseUp ? 500 : 200;
      response.end();
    });
    await new Promise<void>((ready) => odoo.listen(0, "127.0.0.1", ready));
    const [port = 0] = await freePorts(1);
    url = `http://127.0.0.1:${port}`;
    const env = {
      ...process.env,
      ODOO_URL: `http://127.0.0.1:${(odoo.address() as AddressInfo).port}`,
      EXPORTER_PORT: String(port),
    };
    exporter = spawn(PYTHON, [join(SCRIPTS, "odoo-exporter.py")], { env, stdio: "ignore" });
    for (let attempt = 0; attempt < 100 && !(await answers(url)); attempt++)
      await new Promise((wake) => setTimeout(wake, 100));
  });
  afterAll(() => {
    exporter.kill("SIGKILL");
    odoo.close();
  });

  it("tells whether Odoo and its database are up", async () => {
    expect(await metrics(url)).toMatchObject({ odoo_up: 1, odoo_database_up: 1 });
    databaseUp = false;
    expect(await metrics(url)).toMatchObject({ odoo_up: 1, odoo_database_up: 0 });
    databaseUp = true;
  });

  it("answers nothing else", async () => {
    expect((await fetch(`${url}/`)).status).toBe(404);
  });

  it("says that Odoo is down where it is", async () => {
    await new Promise((done) => odoo.close(done));
    expect(await metrics(url)).toMatchObject({ odoo_up: 0, odoo_database_up: 0 });
  });

  it("ends by itself when it is told to, as the first process of a container has to", async () => {
    exporter.kill("SIGTERM");
    expect(await new Promise((done) => exporter.once("exit", done))).toBe(0);
  });
});

async function metrics(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const rows = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(rows.map((row) => [row.split(" ")[0], Number(row.split(" ")[1])]));
}

function answers(url: string): Promise<boolean> {
  return fetch(`${url}/metrics`).then(
    () => true,
    () => false,
  );
}

import { createConnection } from "mysql2/promise";
import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as warmPool from "../../../clones/warm-pool/commands";
import { freePorts } from "../../cluster/probe";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";
import { missingWordPress } from "../../support/wordpress";
import { Container, imageSource, until } from "./container";

// Three thousand files are compared one by one, on machines that do much else.
jest.setTimeout(180_000);

const ADMIN = { WORDPRESS_ADMIN_USER: "clone-admin", WORDPRESS_ADMIN_PASSWORD: "s3cret-of-the-admin" };
const PASSWORD = "s3cret-of-the-database";
const containers: Container[] = [];

function container(environment: Record<string, string>, source?: string): Container {
  const made = new Container(environment, source);
  containers.push(made);
  return made;
}

afterEach(async () => {
  for (const made of containers.splice(0)) await made.remove();
});

describeWith(missingWordPress() ?? missingMariaDb(), "the entrypoint of a clone's image", () => {
  let server: MariaDb;
  let source: string;
  beforeAll(async () => {
    [server, source] = await Promise.all([startMariaDb(), imageSource()]);
  }, 90_000);
  afterAll(async () => {
    rmSync(source, { recursive: true, force: true });
    await server.stop();
  });

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    const { host, port, rootPassword: password } = server;
    const connection = await createConnection({ host, port, user: "root", password, multipleStatements: true });
    try {
      return (await connection.query(sql))[0] as never;
    } finally {
      await connection.end();
    }
  }

  /** A schema with its user, empty, and the variables that lead to it. */
  async function emptyDatabase(): Promise<Record<string, string>> {
    await query(
      `DROP DATABASE IF EXISTS wordpress; CREATE DATABASE wordpress; ` +
        `CREATE OR REPLACE USER 'clone'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'; ` +
        `GRANT ALL ON wordpress.* TO 'clone'@'127.0.0.1'`,
    );
    return {
      WORDPRESS_DB_HOST: `${server.host}:${server.port}`,
      WORDPRESS_DB_NAME: "wordpress",
      WORDPRESS_DB_USER: "clone",
      WORDPRESS_DB_PASSWORD: PASSWORD,
      CLONE_DATABASE_WAIT_SECONDS: "60",
      CLONE_DATABASE_DENIED_SECONDS: "1",
    };
  }

  const SERVER = "server: -D with a space password=none";
  const OFFICIAL = "official: apache2-clone apache2-foreground -D with a space";
  const start = (made: Container) => made.start("apache2-foreground", "-D", "with a space");
  const users = async () => await query("SELECT ID, user_login, user_pass FROM wordpress.wp_users");

  it("[WARM-01] installs WordPress once, before the web server starts, and shows its password to nobody", async () => {
    const [port = 0] = await freePorts(1);
    const variables = await emptyDatabase();
    const made = container({ ...variables, ...ADMIN, STUB_PORT: `${port}` }, source);
    const get = async (path: string) => await fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual" });

    const first = start(made);
    await until(() => made.lines().includes(SERVER));
    // Once, and not itself again and again.
    expect(made.lines()).toEqual([OFFICIAL, SERVER]);
    expect(first.said()).toContain("WordPress: installed");
    const installed = await users();
    expect(installed).toMatchObject([{ ID: 1, user_login: ADMIN.WORDPRESS_ADMIN_USER }]);
    await until(async () => (await get("/wp-login.php").catch(() => undefined))?.status === 200);
    for (const path of ["/", "/wp-admin/", "/?rest_route=/"]) {
      expect((await get(path)).headers.get("location") ?? "").not.toContain("install.php");
    }
    expect(await (await get("/?rest_route=/custom-migrator/v1/status")).json()).toMatchObject({ code: "MIGRATOR_KEY" });
    first.child.kill("SIGTERM");
    await first.ended;

    const second = start(made);
    await until(() => made.lines().length === 4);
    expect(second.said()).toContain("WordPress: is installed already");
    expect(await users()).toEqual(installed);
    second.child.kill("SIGTERM");
    await second.ended;

    expect(made.processes()).toContain("wait-for-database.php");
    expect(made.processes()).toContain("install.php");
    for (const secret of [PASSWORD, ADMIN.WORDPRESS_ADMIN_PASSWORD]) {
      expect(made.processes()).not.toContain(secret);
      expect(first.said() + second.said()).not.toContain(secret);
    }
  });

  // Only root can make a folder somebody else's.
  (process.getuid?.() === 0 ? it : it.skip)(
    "[WARM-01] lays WordPress out itself in a volume that is somebody else's, again if that was cut off",
    async () => {
      // As a pod's volume is: the official one's tar wants to change the mode of what it doesn't own. The stub has no files.
      const made = container({ ...(await emptyDatabase()), ...ADMIN, CLONE_SOURCE: source });
      chownSync(made.html, 12345, 12345);
      expect((await made.run("apache2-foreground")).code).toBe(0);
      rmSync(join(made.html, "index.php"));
      writeFileSync(join(made.html, "wp-load.php"), "<?php cut off");
      expect((await made.run("apache2-foreground")).said).toContain("is installed already");
      expect(readFileSync(join(made.html, "index.php"), "utf8")).toContain("wp-blog-header.php");
    },
  );

  it("[WARM-01] begins an installation anew that was cut off, where WordPress would take it for a whole one", async () => {
    const made = container({ ...(await emptyDatabase()), ...ADMIN }, source);
    expect((await made.run("apache2-foreground")).code).toBe(0);
    await query(
      "CREATE TABLE wordpress.wp_cm_installing (id INT); TRUNCATE wordpress.wp_users; CREATE TABLE wordpress.other (id INT)",
    );
    const { said } = await made.run("apache2-foreground");
    expect(said).toContain("its installation was cut off");
    expect(await users()).toMatchObject([{ user_login: ADMIN.WORDPRESS_ADMIN_USER }]);
    const tables = (await query("SHOW TABLES IN wordpress")).map((row) => Object.values(row)[0]);
    expect(tables).toContain("other");
    expect(tables).not.toContain("wp_cm_installing");
    expect((await made.run("apache2-foreground")).said).toContain("is installed already");
  });

  it("[WARM-05] [WARM-08] leaves a warm pod as a reset must find it: every file the image's, and nothing in it but its own", async () => {
    const made = container(
      { ...(await emptyDatabase()), ...ADMIN, WARM_POOL_MODE: "true", CLONE_NAME: "warm-1" },
      source,
    );
    const strange = () => {
      const places: Record<string, string> = { "/var/www/html": made.html, "/usr/src/wordpress": source };
      const script = warmPool.strangeFiles.command[2]!.replaceAll(
        /\/var\/www\/html|\/usr\/src\/wordpress| && find \/tmp.*$/g,
        (at) => places[at] ?? "",
      );
      return spawnSync("sh", ["-c", script], { encoding: "utf8" });
    };
    expect((await made.run("apache2-foreground")).code).toBe(0);
    expect(strange()).toMatchObject({ status: 0, stdout: "", stderr: "" });
    // As a reset goes on: all files gone, another database, another start.
    rmSync(made.html, { recursive: true });
    mkdirSync(made.html);
    await emptyDatabase();
    expect((await made.run("apache2-foreground")).said).toContain("WordPress: installed");
    expect(strange()).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(await users()).toHaveLength(1);
    expect(await query("SELECT option_value FROM wordpress.wp_options WHERE option_name = 'blogname'")).toEqual([
      { option_value: "Waiting for a site" },
    ]);
  });

  it("[WARM-01] keeps a clone's tables in a file where it is to have no database server", async () => {
    // The drop-in's place is the image's; here it is only seen to be put where WordPress looks for it.
    const made = container({ ...ADMIN, CLONE_DATABASE: "sqlite", WORDPRESS_DB_HOST: "" }, source);
    await made.run("apache2-foreground");
    expect(readFileSync(join(made.html, "wp-content/db.php"), "utf8")).toContain(
      "/usr/local/lib/wordpress-clone/sqlite",
    );
    expect(made.lines()[0]).toBe("official: apache2-clone apache2-foreground");
  });

  it("[WARM-01] refuses to install without an administrator's password, and starts no web server", async () => {
    const made = container({ ...(await emptyDatabase()), WORDPRESS_ADMIN_USER: "admin" });
    const { code, said } = await made.run("apache2-foreground");
    expect(code).toBe(78);
    expect(said).toMatch(/^ADMIN_MISSING /m);
    expect(made.lines()).toEqual(["official: apache2-clone apache2-foreground"]);
  });

  it("[WARM-01] gives up on a database that never comes, and says so", async () => {
    const [port = 0] = await freePorts(1);
    const address = { WORDPRESS_DB_HOST: `127.0.0.1:${port}`, CLONE_DATABASE_WAIT_SECONDS: "1" };
    const made = container({ ...(await emptyDatabase()), ...address });
    const { code, said } = await made.run("apache2-foreground");
    expect(code).toBe(75);
    expect(said).toMatch(/^DATABASE_AWAY WORDPRESS_DB_HOST: no database answered within 1 s/m);
    expect(made.lines()).toEqual([]);
  });

  it("[WARM-01] tells a database that refuses its user from one that isn't there yet, and both without a secret", async () => {
    const variables = { ...(await emptyDatabase()), WORDPRESS_DB_PASSWORD: "another-s3cret" };
    const { code, said } = await container(variables).run("apache2-foreground");
    expect(code).toBe(77);
    expect(said).toMatch(/^DATABASE_DENIED WORDPRESS_DB_HOST: .*MySQL's error 1045/m);
    expect(said).not.toContain("s3cret");
    const missing = { ...(await emptyDatabase()), CLONE_DATABASE_WAIT_SECONDS: "1" };
    await query("DROP DATABASE wordpress");
    const absent = await container(missing).run("apache2-foreground");
    expect([absent.code, absent.said]).toEqual([75, expect.stringContaining("no schema of the name")]);
  });

  it("[WARM-01] goes on when the database comes, or lets its user in, while it waits", async () => {
    const variables = { ...(await emptyDatabase()), CLONE_DATABASE_DENIED_SECONDS: "60" };
    await server.kill();
    const made = container({ ...variables, ...ADMIN, WORDPRESS_DB_PASSWORD: "the-next-one" });
    const started = made.start("apache2-foreground");
    await until(() => started.said().includes("Waiting: the database is not there yet"));
    await server.start();
    await until(() => started.said().includes("Waiting: the database refuses the clone's user"));
    await query("ALTER USER 'clone'@'127.0.0.1' IDENTIFIED BY 'the-next-one'");
    // Without WordPress' files that is as far as it comes.
    await started.ended;
    expect(made.lines()).toEqual(["official: apache2-clone apache2-foreground"]);
  });

  it("[WARM-01] ends at once when it is asked to while it waits", async () => {
    const [port = 0] = await freePorts(1);
    const made = container({ ...(await emptyDatabase()), WORDPRESS_DB_HOST: `127.0.0.1:${port}` });
    const started = made.start("apache2-foreground");
    await until(() => started.said().includes("Waiting"));
    const before = Date.now();
    started.child.kill("SIGTERM");
    expect((await started.ended).code).toBe(143);
    expect(Date.now() - before).toBeLessThan(4_000);
  });

  it("[WARM-01] hands any other command to the official entrypoint as it is", async () => {
    const made = container({ WORDPRESS_DB_HOST: "127.0.0.1:1" });
    expect(await made.run("printf", "%s|", "a b", "$HOME", "'")).toEqual({ code: 0, said: "a b|$HOME|'|" });
    expect(made.lines()).toEqual(["official: printf %s| a b $HOME '"]);
  });

  it("[WARM-01] refuses a limit that is none", async () => {
    const made = container({ ...(await emptyDatabase()), CLONE_DATABASE_WAIT_SECONDS: "soon" });
    expect(await made.run("apache2-foreground")).toEqual({
      code: 78,
      said: expect.stringContaining("CLONE_SETTING CLONE_DATABASE_WAIT_SECONDS") as string,
    });
  });
});

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import * as commands from "../../../clones/warm-pool/commands";
import { PodCommand } from "../../../clones/warm-pool/exec";
import { newCredentials } from "../../../clones/warm-pool/manifest";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { describeWith } from "../../support/requires";

/** Runs it as the pod would: by the shell that it names, with its input in one line, and no end of that. */
function run({ command, input }: PodCommand, folder: string, env: Record<string, string> = {}): string {
  const places: Record<string, string> = {
    "/var/www/html": join(folder, "html"),
    "/usr/src/wordpress": join(folder, "src"),
    "/run/apache2": join(folder, "run"),
    "/dev/shm": join(folder, "shm"),
    "/tmp": join(folder, "tmp"),
    "/var/lib/mysql": join(folder, "data"),
    "/var/run/mysqld": join(folder, "socket"),
  };
  const known = new RegExp(Object.keys(places).join("|"), "g");
  const words = command.map((word) => word.replaceAll(known, (at) => places[at]!));
  const line = input === undefined ? "" : `${Buffer.from(input).toString("base64")}\nmore that nobody reads\n`;
  const { status, stdout, stderr } = spawnSync(words[0]!, words.slice(1), {
    input: line,
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...env },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** A pod's folders, with an installed WordPress of three files. */
function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), "warm-pod-"));
  for (const name of ["src/wp-content", "tmp", "run", "shm"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "src/index.php"), "<?php // index");
  writeFileSync(join(folder, "src/wp-content/plugin file.php"), "<?php // plugin");
  // The official one has both: a commit in a comment, and a phrase to be replaced.
  const comment = "// https://github.com/WordPress/WordPress/blob/f27cb65e1ef25d11b535695a660e7282b98eb742/wp-admin";
  const config = `<?php\n${comment}\ndefine('AUTH_KEY', 'put your unique phrase here');\n`;
  writeFileSync(join(folder, "src/wp-config-docker.php"), config);
  install(folder, "a");
  return folder;
}

/** As the official image's entrypoint does it. */
function install(folder: string, seed: string): void {
  cpSync(join(folder, "src"), join(folder, "html"), { recursive: true });
  const salt = createHash("sha1").update(seed).digest("hex");
  const config = readFileSync(join(folder, "src/wp-config-docker.php"), "utf8").replaceAll(
    "put your unique phrase here",
    salt,
  );
  writeFileSync(join(folder, "html/wp-config.php"), config);
}

describe("the files of a warm pod", () => {
  const folders: string[] = [];
  const pod = () => folders[folders.push(installed()) - 1]!;
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

  it("[WARM-05] are found as the image has them, where nobody touched them", () => {
    const folder = pod();
    mkdirSync(join(folder, "html/wp-content/uploads/2026"), { recursive: true });
    expect(run(commands.strangeFiles, folder)).toBe("");
  });

  it.each([
    [
      "another file",
      (folder: string) => writeFileSync(join(folder, "html/wp-content/door.php"), "x"),
      "./wp-content/door.php",
    ],
    ["a changed one", (folder: string) => writeFileSync(join(folder, "html/index.php"), "x"), "./index.php"],
    ["a hidden one", (folder: string) => writeFileSync(join(folder, "html/.x"), "x"), "./.x"],
    [
      "a link to one of the image",
      (folder: string) => symlinkSync(join(folder, "src/index.php"), join(folder, "html/x.php")),
      "./x.php",
    ],
    [
      "more in the configuration",
      (folder: string) => writeFileSync(join(folder, "html/wp-config.php"), "evil();", { flag: "a" }),
      "./wp-config.php",
    ],
    ["no configuration", (folder: string) => rmSync(join(folder, "html/wp-config.php")), "./wp-config.php"],
    [
      "a configuration without keys",
      (folder: string) => cpSync(join(folder, "src/wp-config-docker.php"), join(folder, "html/wp-config.php")),
      "./wp-config.php",
    ],
    ["one in the folder for others", (folder: string) => writeFileSync(join(folder, "tmp/sess_1"), "x"), "sess_1"],
    ["one in the shared memory", (folder: string) => writeFileSync(join(folder, "shm/x"), "x"), "x"],
  ])("[WARM-05] are found to be others': %s", (_what, change, told) => {
    const folder = pod();
    change(folder);
    expect(run(commands.strangeFiles, folder)).toContain(told);
  });

  it("[WARM-05] are all wiped, and keys and salts are others afterwards", () => {
    const folder = pod();
    const before = run(commands.keysHash, folder).trim();
    writeFileSync(join(folder, "html/.hidden"), "x");
    writeFileSync(join(folder, "tmp/left"), "x");
    run(commands.wipeFiles, folder);
    for (const name of ["html", "tmp", "run", "shm"]) expect(readdirSync(join(folder, name))).toEqual([]);
    // A configuration that isn't there is no proof.
    expect(run(commands.keysHash, folder).trim()).not.toBe(before);
    install(folder, "b");
    const after = run(commands.keysHash, folder).trim();
    expect([before, after]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(after).not.toBe(before);
    expect(run(commands.strangeFiles, folder)).toBe("");
  });
});

describeWith(missingMariaDb(), "the database of a warm pod", () => {
  let server: MariaDb;
  let password: string;
  beforeAll(async () => {
    server = await startMariaDb();
    password = server.rootPassword;
    // The official image has these two.
    for (const host of ["localhost", "%"]) {
      await query(`CREATE USER IF NOT EXISTS 'root'@'${host}' IDENTIFIED BY '${password}'`);
      await query(`GRANT ALL ON *.* TO 'root'@'${host}' WITH GRANT OPTION`);
    }
    await query("DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1'");
  }, 60_000);
  afterAll(() => server.stop(), 30_000);

  async function query(sql: string, database?: string): Promise<unknown> {
    const { host, port } = server;
    const connection = await createConnection({
      host,
      port,
      user: "root",
      password,
      database,
      multipleStatements: true,
    });
    try {
      return (await connection.query(sql))[0];
    } finally {
      connection.destroy();
    }
  }

  const sql = (command: PodCommand) =>
    run(command, tmpdir(), { MYSQL_ROOT_PASSWORD: password, MYSQL_TCP_PORT: String(server.port) });
  const content = (since: number) =>
    sql(commands.databaseContent(since))
      .split("\n")
      .filter((line) => line !== "");
  const installWordPress = (user: string) =>
    query(
      `CREATE TABLE wp_posts (id INT); CREATE TABLE wp_users (user_login VARCHAR(60)); INSERT INTO wp_users VALUES ('${user}')`,
      "wordpress",
    );

  /** As the official image's entrypoint sets an empty folder up. */
  const setUp = async (credentials: Readonly<Record<string, string>>) => {
    const text = `'${credentials["database-password"]}'`;
    await query(
      `DROP DATABASE IF EXISTS wordpress; DROP USER IF EXISTS wordpress; CREATE DATABASE wordpress;
       CREATE USER wordpress IDENTIFIED BY ${text}; ALTER USER root@localhost IDENTIFIED BY ${text};
       ALTER USER root IDENTIFIED BY ${text}`,
    );
    password = credentials["database-password"]!;
  };

  it("[WARM-05] is clean as it was set up, and what was left in it is found", async () => {
    const credentials = newCredentials();
    const since = Math.floor(Date.now() / 1000);
    await setUp(credentials);
    await installWordPress(credentials["wordpress-username"]!);
    expect(content(since).sort()).toEqual([...commands.cleanDatabase(credentials)].sort());

    await query(
      "CREATE DATABASE other; CREATE USER 'evil'@'%'; CREATE USER 'mysql.evil'@'%'; INSERT INTO wp_users VALUES ('intruder')",
      "wordpress",
    );
    await query("CREATE TRIGGER sneaky BEFORE INSERT ON wp_posts FOR EACH ROW SET NEW.id = 1", "wordpress");
    await query("CREATE PROCEDURE sneaky() SELECT 1", "wordpress");
    expect(content(since)).toEqual(
      expect.arrayContaining([
        "schema other",
        "account evil@%",
        "account mysql.evil@%",
        "user intruder",
        "trigger sneaky",
        "routine sneaky",
      ]),
    );
    expect(content(since + 3600)).toEqual(expect.arrayContaining(["old table wp_posts", "old table wp_users"]));
  }, 60_000);
});

describeWith(missingMariaDb(), "the files of a warm pod's database", () => {
  const CANARY = "a customer's words in the canary's post";
  let folder: string;
  let server: MariaDb;
  let since: number;
  const data = () => join(folder, "data");
  const holding = () => spawnSync("grep", ["-rlaF", CANARY, data()], { encoding: "utf8" }).stdout;
  const starts = (...args: string[]) =>
    run({ container: "mysql", command: [...commands.MYSQL_START, ...args], seconds: 5 }, folder, {
      PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "warm-database-"));
    for (const name of ["bin", "data", "socket"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "bin/docker-entrypoint.sh"), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    server = await startMariaDb();
    const { host, port, rootPassword } = server;
    const connection = await createConnection({ host, port, user: "root", password: rootPassword });
    await connection.query("CREATE DATABASE wordpress");
    await connection.query("CREATE TABLE wordpress.wp_posts (post_content TEXT)");
    await connection.query("INSERT INTO wordpress.wp_posts VALUES (?)", [CANARY]);
    await connection.query("DROP DATABASE wordpress");
    connection.destroy();
    await sleep(1_100);
    const filter = (path: string) => !lstatSync(path).isSocket();
    cpSync(dirname(server.socket), data(), { recursive: true, filter });
    writeFileSync(join(data(), ".hidden"), CANARY);
    writeFileSync(join(folder, "socket/left"), CANARY);
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  }, 30_000);

  it("[WARM-05] still hold the words of a schema that was dropped", () => {
    expect(holding()).toContain("ib_logfile0");
  });

  it("[WARM-05] are left alone by a start that nobody told to erase them", () => {
    const before = readdirSync(data());
    expect(starts("--bind-address=127.0.0.1")).toBe("--bind-address=127.0.0.1\n");
    expect(readdirSync(data())).toEqual(before);
  });

  it("[WARM-05] are told as old, until they are gone", async () => {
    await sleep(1_100);
    since = Number(run(commands.eraseDatabase, folder).trim());
    expect(Math.abs(since - Date.now() / 1000)).toBeLessThan(30);
    const old = run(commands.oldDatabaseFiles(since), folder);
    for (const name of [".erase", ".hidden", "ib_logfile0", join("mysql", "db.opt")])
      expect(old).toContain(join(data(), name));
  });

  it("[WARM-05] are all erased before MySQL's own start, and what that makes is young", () => {
    expect(starts("--mysqlx=OFF", "--disable-log-bin")).toBe("--mysqlx=OFF\n--disable-log-bin\n");
    expect([readdirSync(data()), readdirSync(join(folder, "socket"))]).toEqual([[], []]);
    expect(holding()).toBe("");
    mkdirSync(join(data(), "mysql"));
    writeFileSync(join(data(), "mysql/new.ibd"), "");
    expect(run(commands.oldDatabaseFiles(since), folder)).toBe("");
    // The same files, had they been made before.
    expect(run(commands.oldDatabaseFiles(since + 3600), folder)).toContain("mysql/new.ibd");
  });
});

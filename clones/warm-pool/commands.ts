/**
 * Everything that is run in a warm pod, and what its answers must be. It relies on the official images: WordPress keeps its
 * template in /usr/src/wordpress, installs itself into an empty /var/www/html when it starts, and writes its own keys and
 * salts then; both containers are their programs' first process, and start again when that ends.
 */
import { CLONE_CREDENTIALS } from "../../constructs/contract";
import type { PodCommand } from "./exec";

const WORDPRESS = "wordpress";
const MYSQL = "mysql";
const { keys } = CLONE_CREDENTIALS;

/** Where files of a clone may lie: its volumes, and the pod's shared memory. */
const PLACES = "/var/www/html /tmp /run/apache2 /dev/shm";

/** The password by the environment, the statements by the input: neither stands in a list of processes. */
const SQL_CLIENT = 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysql -uroot -h127.0.0.1 --batch --skip-column-names';

const shell = (container: string, script: string, seconds: number): PodCommand => ({
  container,
  command: ["sh", "-c", script],
  seconds,
});

const sql = (input: string, seconds: number): PodCommand => ({
  ...shell(MYSQL, `head -n 1 | base64 -d | ${SQL_CLIENT}`, seconds),
  input,
});

/** Where MySQL keeps what it is told, its redo log among it. */
const DATA = "/var/lib/mysql";

/** What lies in MySQL's volumes: its data, and its socket. */
const inMysql = (pattern: string) => [DATA, "/var/run/mysqld"].map((folder) => `${folder}/${pattern}`).join(" ");

/** Goes last, so that whoever finds it knows that something may be left. */
const ERASE_MARK = `${DATA}/.erase`;

const EVERYTHING = "shopt -s globstar dotglob nullglob";

/**
 * MySQL's command in the pool: erases everything first, if it was told so. To drop the schema is not enough: what its pages
 * said stays in the redo log. Before MySQL starts nobody writes there, and one that is cut off goes on when it comes again.
 */
export const MYSQL_START: readonly string[] = [
  "bash",
  "-c",
  [
    `if [[ -e ${ERASE_MARK} ]]; then`,
    EVERYTHING,
    `for path in ${inMysql("*")}; do [[ $path == ${ERASE_MARK} ]] || rm -rf -- "$path"; done`,
    `rm ${ERASE_MARK}`,
    "fi",
    'exec docker-entrypoint.sh "$@"',
  ].join("\n"),
  "mysql",
];

/** Has MySQL erased when it starts the next time. Answers with the time of this, in seconds. */
export const eraseDatabase = shell(MYSQL, `date +%s && touch ${ERASE_MARK}`, 30);

/** Lists what is left: the mark, and every file of MySQL that was made before `since`, or at a time that nobody knows. */
export function oldDatabaseFiles(since: number): PodCommand {
  const script = [
    // What can't be listed is no proof.
    "set -o pipefail",
    EVERYTHING,
    `[[ ! -e ${ERASE_MARK} ]] || echo ${ERASE_MARK}`,
    `stat -c '%W %n' -- ${inMysql("**/*")} | while read -r made path; do`,
    `[[ $made =~ ^[0-9]+$ ]] && ((made >= ${since})) || echo "$path"`,
    "done",
  ].join("\n");
  return { container: MYSQL, command: ["bash", "-c", script], seconds: 60 };
}

/** Which keys and salts there are: answers with their hash. */
export const keysHash = shell(WORDPRESS, "sha256sum /var/www/html/wp-config.php | cut -c 1-64", 30);

/** Every file of the clone. */
export const wipeFiles = shell(WORDPRESS, `find ${PLACES} -mindepth 1 -delete`, 120);

/** Ends what runs in both containers, whoever started it. They come again with the new Secret, and WordPress installs itself. */
export const restarts: readonly PodCommand[] = [MYSQL, WORDPRESS].map((container) =>
  shell(container, "kill -s TERM 1", 30),
);

/** Lists every file that isn't as the image has it; the configuration may differ in its keys and salts alone. */
export const strangeFiles = shell(
  WORDPRESS,
  [
    "cd /var/www/html",
    "find . ! -type d ! -path ./wp-config.php -exec sh -c '" +
      'for f; do { [ -f "$f" ] && [ ! -L "$f" ] && cmp -s "$f" "/usr/src/wordpress/$f"; } || echo "$f"; done' +
      "' sh {} +",
    // The official file names commits of 40 digits in its comments, so that both are made alike before they are compared.
    `keys() { sed -E "s/$1/key/g" "$2"; }`,
    `[ "$(keys '[0-9a-f]{40}' wp-config.php)" = ` +
      `"$(keys 'put your unique phrase here|[0-9a-f]{40}' /usr/src/wordpress/wp-config-docker.php)" ] || echo ./wp-config.php`,
    "find /tmp /dev/shm ! -type d",
  ].join(" && "),
  120,
);

const SYSTEM_SCHEMAS = ["information_schema", "mysql", "performance_schema", "sys"]
  .map((name) => `'${name}'`)
  .join(",");

/** MySQL's own and MariaDB's, by their whole names: a clone has root's password, and could make one that begins like them. */
const SYSTEM_ACCOUNTS = ["mysql.infoschema", "mysql.session", "mysql.sys", "mariadb.sys"]
  .map((user) => `'${user}@localhost'`)
  .join(",");

/** Lists what is in MySQL, and whatever of it is older than `since`. */
export function databaseContent(since: number): PodCommand {
  const ours = `NOT IN (${SYSTEM_SCHEMAS})`;
  const parts = [
    `SELECT CONCAT('schema ', schema_name) FROM information_schema.schemata WHERE schema_name ${ours}`,
    `SELECT CONCAT('account ', user, '@', host) FROM mysql.user WHERE CONCAT(user, '@', host) NOT IN (${SYSTEM_ACCOUNTS})`,
    `SELECT CONCAT('old table ', table_name) FROM information_schema.tables WHERE table_schema ${ours} ` +
      `AND create_time < FROM_UNIXTIME(${since})`,
    `SELECT CONCAT('routine ', routine_name) FROM information_schema.routines WHERE routine_schema ${ours}`,
    `SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_schema ${ours}`,
    `SELECT CONCAT('event ', event_name) FROM information_schema.events WHERE event_schema ${ours}`,
    "SELECT CONCAT('user ', user_login) FROM wordpress.wp_users",
  ];
  // One after the other: their texts have collations that no union would mix.
  return sql(`${parts.join(";\n")};\n`, 60);
}

/** What {@link databaseContent} lists of a clean pod, in any order. */
export function cleanDatabase(credentials: Readonly<Record<string, string>>): readonly string[] {
  return [
    `schema ${credentials[keys.databaseName] ?? ""}`,
    "account root@%",
    "account root@localhost",
    `account ${credentials[keys.databaseUser] ?? ""}@%`,
    `user ${credentials[keys.username] ?? ""}`,
  ];
}

/** WordPress' own functions; one administrator afterwards, whoever there was before. Answers `adopted`. */
const ADOPTION = `
$in = json_decode(base64_decode(fgets(STDIN)), true);
$_SERVER['HTTP_HOST'] = 'localhost';
require '/var/www/html/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/user.php';
$id = username_exists($in['username']);
if ($id) {
  wp_set_password($in['password'], $id);
} else {
  $id = wp_insert_user([
    'user_login' => $in['username'],
    'user_pass' => $in['password'],
    'user_email' => $in['username'] . '@clone.invalid',
    'role' => 'administrator',
  ]);
}
if (is_wp_error($id)) {
  fwrite(STDERR, $id->get_error_code());
  exit(1);
}
foreach (get_users(['role' => 'administrator', 'fields' => 'ID']) as $other) {
  if ((int) $other !== (int) $id) wp_delete_user((int) $other, $id);
}
echo 'adopted';
`;

export const ADOPTED = "adopted";

/** Gives the pod's WordPress the clone's administrator instead of its own. May be made again. */
export function adoption(administrator: { readonly username: string; readonly password: string }): PodCommand {
  const { username, password } = administrator;
  const input = JSON.stringify({ username, password });
  return { container: WORDPRESS, command: ["php", "-r", ADOPTION], input, seconds: 60 };
}

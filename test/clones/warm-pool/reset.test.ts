import { CLONE_CREDENTIALS } from "../../../constructs/contract";
import { PodCommand } from "../../../clones/warm-pool/exec";
import { ExecPodReset } from "../../../clones/warm-pool/reset";
import { FakeClock } from "../fake-clock";

const POD = "wordpress-warm-1";
const { keys } = CLONE_CREDENTIALS;

/** A pod as the reset sees it: commands are answered as a pod that does what it is told would, and all of them recorded. */
class PlayedPod {
  readonly commands: PodCommand[] = [];
  readonly steps: string[] = [];
  secret: Record<string, string> = {};
  restarts = 0;
  restartsAt = 1;
  salts = "a".repeat(64);
  /** What else is found in MySQL, and among the files. */
  more: { readonly database?: string[]; readonly tables?: string[]; readonly files?: string[] } = {};
  marked = "1770303600\n";
  missing: string | undefined;
  failing: string | undefined;

  exec = (_namespace: string, _pod: string, command: PodCommand): Promise<string> => {
    this.commands.push(command);
    const script = command.command.join(" ");
    if (this.failing !== undefined && script.includes(this.failing)) return Promise.reject(new Error("exit code 1"));
    if (script.includes("sha256sum")) return this.answer("hash", `${this.salts}\n`);
    if (script.includes("-delete")) return this.answer("wipe", "");
    if (script.includes("kill")) return this.answer(`restart ${command.container}`, "", () => this.restart());
    if (script.includes("/usr/src/wordpress")) return this.answer("files", this.more.files?.join("\n") ?? "");
    if (command.input?.includes("schemata")) return this.answer("read database", this.database());
    if (script.includes("stat -c")) return this.answer("MySQL's files", this.more.tables?.join("\n") ?? "");
    if (script.includes("touch")) return this.answer("mark", this.marked);
    return this.answer("adopt", "adopted");
  };

  readonly kube = {
    corev1: {
      patchNamespacedSecret: ({ name, body }: any) => {
        this.steps.push(`secret ${name}`);
        this.secret = body.stringData;
        return Promise.resolve({});
      },
      readNamespacedPod: () => {
        const statuses = ["wordpress", "mysql"].map((name) => ({ name, ready: true, restartCount: this.restarts }));
        return Promise.resolve({ status: { containerStatuses: statuses } });
      },
    },
  } as any;

  private restart(): void {
    this.restarts = this.restartsAt;
    this.salts = "b".repeat(64);
  }

  private answer(step: string, text: string, then: () => void = () => undefined): Promise<string> {
    this.steps.push(step);
    then();
    return Promise.resolve(text);
  }

  private database(): string {
    const clean = [
      "schema wordpress",
      "account root@%",
      "account root@localhost",
      "account wordpress@%",
      `user ${this.secret[keys.username]}`,
    ];
    return [...clean.filter((line) => line !== this.missing), ...(this.more.database ?? [])].join("\n");
  }
}

function played(change: Partial<PlayedPod> = {}) {
  const pod = Object.assign(new PlayedPod(), change);
  const clock = new FakeClock("2026-02-05T15:00:00Z");
  const reset = new ExecPodReset(pod.kube, pod.exec, { namespace: "wordpress-staging", clock });
  const done = async () => {
    const resetting = reset.reset(POD, new AbortController().signal);
    resetting.catch(() => undefined);
    await clock.step(300_000);
    return await resetting;
  };
  return { pod, reset, done };
}

describe("the reset of a warm pod", () => {
  it("[WARM-05] has MySQL erased, wipes, restarts with the new Secret, and reads all of it back", async () => {
    const { pod, done } = played();
    expect((await done()).checked).toEqual([
      "database",
      "accounts",
      "tables",
      "MySQL's files",
      "users",
      "files",
      "keys and salts",
    ]);
    expect(pod.steps).toEqual([
      "hash",
      `secret ${POD}-credentials`,
      "mark",
      "wipe",
      "restart mysql",
      "restart wordpress",
      "read database",
      "MySQL's files",
      "files",
      "hash",
    ]);
    expect(Object.keys(pod.secret).sort()).toEqual(Object.values(keys).sort());
    // Only what is older than the reset is told: all that a clean pod has is younger.
    const [read] = pod.commands.flatMap(({ input }) => input ?? []);
    expect(read).toContain("create_time < FROM_UNIXTIME(1770303600)");
    const looked = pod.commands.map(({ command }) => command.join(" ")).find((script) => script.includes("stat -c"));
    expect(looked).toContain("made >= 1770303600");
  });

  it("[WARM-05] gives no password to a command line", async () => {
    const { pod, reset, done } = played();
    await done();
    await reset.adopt(POD, { username: "clone-1", password: "very-secret" }, new AbortController().signal);
    const lines = pod.commands.map(({ command }) => command.join(" ")).join("\n");
    for (const value of [...Object.values(pod.secret), "very-secret"].filter(
      (text) => text.length > 20 || text === "very-secret",
    )) {
      expect(lines).not.toContain(value);
    }
    expect(JSON.parse(pod.commands.at(-1)!.input!)).toEqual({ username: "clone-1", password: "very-secret" });
  });

  it.each([
    ["a table of before", { more: { database: ["old table wp_posts"] } }, "old table wp_posts"],
    ["a redo log of before", { more: { tables: ["/var/lib/mysql/ib_logfile0"] } }, "ib_logfile0"],
    ["a container that doesn't know the time", { marked: "\n" }, "what time it is"],
    ["another user", { more: { database: ["user intruder"] } }, "user intruder"],
    ["another account of MySQL", { more: { database: ["account evil@%"] } }, "account evil@%"],
    ["a trigger", { more: { database: ["trigger t"] } }, "trigger t"],
    ["a file", { more: { files: ["./wp-content/mu-plugins/door.php"] } }, "door.php"],
    ["no database", { missing: "schema wordpress" }, "missing: schema wordpress"],
  ])("[WARM-05] doesn't call a pod clean that has %s", async (_what, change, told) => {
    await expect(played(change as Partial<PlayedPod>).done()).rejects.toMatchObject({
      code: "WARM_POD_UNPROVEN",
      message: expect.stringContaining(told),
    });
  });

  it("[WARM-05] doesn't call a pod clean that kept its keys and salts, or didn't start again", async () => {
    const kept = played({ salts: "b".repeat(64) });
    await expect(kept.done()).rejects.toMatchObject({ code: "WARM_POD_UNPROVEN" });
    const still = played({ restartsAt: 0 });
    await expect(still.done()).rejects.toMatchObject({
      code: "WARM_POD_COMMAND",
      message: expect.stringContaining("180 s"),
    });
  });

  it.each(["sha256sum", "-delete", "kill", "touch", "stat -c", "MYSQL_PWD", "/usr/src/wordpress"])(
    "[WARM-05] gives up when a command fails: %s",
    async (failing) => {
      await expect(played({ failing }).done()).rejects.toMatchObject({ code: "WARM_POD_COMMAND" });
    },
  );
});

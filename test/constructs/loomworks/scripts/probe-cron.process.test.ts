import { ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { synthesizeLoomworks } from "../../../support/loomworks";
import { SCRIPTS } from "../../../support/postgres-server";

/**
 * As Odoo's PreforkServer goes: it waits four seconds at a time for its workers, and has as many as it is told.
 * It says when it has them: until then a `python3` that is a version manager's script has children of its own.
 */
const MASTER = `
import os, select, sys
for worker in range(int(sys.argv[1])):
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "600"])
print("up", flush=True)
while True:
    select.select([], [], [], 4)
`;

jest.setTimeout(60_000);

describe("[LOOM-02] the probe of scheduled actions", () => {
  const masters: ChildProcess[] = [];
  const start = async (workers: number) => {
    const master = spawn("python3", ["-c", MASTER, String(workers)], {
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    masters.push(master);
    await once(master.stdout, "data");
    return master;
  };
  const probe = (what: string, master: ChildProcess) => {
    const env = { ...process.env, MASTER: String(master.pid) };
    const { status, stdout } = spawnSync(join(SCRIPTS, "probe-cron.sh"), [what], { encoding: "utf8", env });
    return { status, stdout };
  };
  afterAll(() => {
    for (const { pid } of masters) if (pid !== undefined) process.kill(-pid, "SIGKILL");
  });

  it("calls a master alive that looks after its workers, however little else it does", async () => {
    const master = await start(2);
    expect(probe("ready", master)).toEqual({ status: 0, stdout: "" });
    expect(probe("alive", master)).toEqual({ status: 0, stdout: "" });
  });

  it("finds one that stands still", async () => {
    const master = await start(1);
    master.kill("SIGSTOP");
    expect(probe("alive", master)).toEqual({ status: 1, stdout: "hung\n" });
    master.kill("SIGCONT");
    expect(probe("alive", master)).toEqual({ status: 0, stdout: "" });
  });

  it("calls one not ready that has no workers", async () => {
    expect(probe("ready", await start(0))).toEqual({ status: 1, stdout: "no workers\n" });
  });

  it("refuses to be asked for something else", async () => {
    expect(probe("well", await start(0)).status).toBe(64);
  });

  it("is asked where Odoo's master is the first process, and is given the time that it takes", () => {
    const { spec } = synthesizeLoomworks().find("Deployment", "odoo-cron").spec.template;
    const container = spec.containers.find(({ name }: any) => name === "odoo");
    expect(container.command[0]).toBe("odoo");
    expect(spec.shareProcessNamespace).toBeUndefined();
    expect(container.volumeMounts).toContainEqual({ name: "scripts", mountPath: "/scripts", readOnly: true });
    expect(container.livenessProbe.exec.command).toEqual(["/scripts/probe-cron.sh", "alive"]);
    expect(container.readinessProbe.exec.command).toEqual(["/scripts/probe-cron.sh", "ready"]);
    expect(container.livenessProbe.timeoutSeconds).toBeGreaterThan(6);
  });
});

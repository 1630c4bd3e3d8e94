import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { Kube } from "../../../clones/provisioner/kube";
import { CloneProvisioner } from "../../../clones/provisioner/provisioner";
import { runCli } from "../../../clones/cli/main";
import { eventually } from "../../cluster";
import { describeWithClones, STAGING } from "../../support/clone-cluster";
import { finisher, ROOMY, remains } from "../support";

const ROOT = resolve(__dirname, "../../..");

describeWithClones("clones by hand, on a real KRO", ROOMY, (cluster) => {
  const run = async (...args: string[]) => {
    const printed: string[] = [];
    const code = await runCli({ args, env: {}, config: () => cluster().config, print: (text) => printed.push(text) });
    return { code, text: printed.join("\n") };
  };
  const environment = () => ({ ...process.env, KUBECONFIG: cluster().kubeconfig, CLONE_NAMESPACES: STAGING });

  it("[KRO-13] lists clones, shows a clone's whole tree, extends and deletes it, and prints no secret", async () => {
    const kube = new Kube(cluster().config);
    const clones = new CloneProvisioner(kube, { namespace: STAGING, finish: finisher(kube) });
    const { id, credentials } = await clones.createClone({ customerId: "acme", database: "sidecar" });

    const { text: tree } = await run("tree", id);
    for (const kind of [
      "Lease host-acme",
      `Secret ${id}-credentials`,
      `Job ${id}`,
      `Pod ${id}-`,
      `Service ${id}`,
      `Ingress ${id}`,
    ]) {
      expect(tree).toContain(`─ ${kind}`);
    }
    expect(tree).toMatch(/└─ Pod \S+ {2}Running, ready/);
    expect(tree).toMatch(/Normal +SuccessfulCreate +Job/);
    const { text: list } = await run("list", "--customer", "acme");
    expect(list).toContain(`${id}  acme`);
    expect((await run("extend", id, "2h")).text).toMatch(/ends at 2\S+Z\./);
    const { text: json } = await run("tree", id, "--json");
    expect(JSON.parse(json).clone.spec.ttlSeconds).toBe(7200);
    for (const text of [tree, list, json, (await run("list", "--json")).text]) {
      for (const secret of Object.values(credentials)) expect(text).not.toContain(secret);
    }

    // As processes: what a person types, and what the CronJob runs.
    const node = (file: string, ...args: string[]) => [
      resolve(ROOT, "node_modules/tsx/dist/cli.mjs"),
      resolve(ROOT, file),
      ...args,
    ];
    const listed = execFileSync(process.execPath, node("clones/cli/main.ts", "list"), {
      env: environment(),
      encoding: "utf8",
    });
    expect(listed).toContain(id);
    const cleaner = spawn(process.execPath, node("clones/cleaner.ts", "watch"), { env: environment() });
    let lines = "";
    cleaner.stdout.on("data", (chunk) => (lines += String(chunk)));
    cleaner.stderr.on("data", (chunk) => (lines += String(chunk)));
    await eventually(() => lines.includes("watch.started"), { what: "the cleaner's process" });
    expect(await run("delete", id)).toEqual({ code: 0, text: `${id} has gone.` });
    expect(await remains(cluster().client, id, "acme")).toEqual([]);
    cleaner.kill("SIGTERM");
    await once(cleaner, "exit");
    expect(cleaner.exitCode).toBe(0);
    expect(lines).toMatch(/"event":"clone.finished","clone":"clone-/);
    expect(await run("delete", id)).toEqual({ code: 1, text: `${id} isn't there.` });
    const ran = execFileSync(process.execPath, node("clones/cleaner.ts", "once"), {
      env: environment(),
      encoding: "utf8",
    });
    expect(JSON.parse(ran)).toMatchObject({ event: "run.done", ended: 0, failed: 0 });
  });
});

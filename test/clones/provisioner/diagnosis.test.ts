import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Child } from "../../../clones/provisioner/children";
import { reasonOf } from "../../../clones/provisioner/diagnosis";
import { stateOf } from "../../../clones/provisioner/states";
import { cloneObject } from "../objects";

const pod = (status: object) => stateOf("Pod", { metadata: {}, status });
const waiting = (reason: string, message?: string) =>
  pod({
    phase: "Pending",
    containerStatuses: [{ name: "wordpress", image: "a/b:1", state: { waiting: { reason, message } } }],
  });
const child = (problem?: string): Child => ({
  kind: "Pod",
  name: "a",
  uid: "a",
  created: new Date(0),
  text: "",
  problem,
});
const condition = (type: string, status: "True" | "False", message: string) => ({ type, status, message });

describe("[KRO-12] the state of an object", () => {
  it.each([
    [
      "a pull that fails",
      waiting("ErrImagePull", "not found"),
      /image a\/b:1 can't be pulled \(ErrImagePull\): not found/,
    ],
    ["a Secret that lacks", waiting("CreateContainerConfigError", 'secret "x" not found'), /can't start .*secret "x"/],
    [
      "a crash",
      pod({
        containerStatuses: [
          {
            name: "w",
            restartCount: 4,
            state: { waiting: { reason: "CrashLoopBackOff" } },
            lastState: { terminated: { exitCode: 137 } },
          },
        ],
      }),
      /4 restarts, exit code 137/,
    ],
    [
      "no node",
      pod({ conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes" }] }),
      /no node takes the pod: 0\/3/,
    ],
    ["no readiness", pod({ phase: "Running", containerStatuses: [{ name: "w", ready: false }] }), /readiness probe/],
    [
      "a Job that failed",
      stateOf("Job", {
        metadata: {},
        status: { conditions: [{ type: "Failed", status: "True", reason: "DeadlineExceeded" }] },
      }),
      /DeadlineExceeded/,
    ],
    [
      "a DBInstance that AWS refused",
      stateOf("DBInstance", {
        metadata: {},
        status: { conditions: [{ type: "ACK.Terminal", status: "True", message: "quota" }] },
      }),
      /refused: quota/,
    ],
    [
      "a DBInstance without address",
      stateOf("DBInstance", { metadata: {}, status: { dbInstanceStatus: "creating" } }),
      /creating/,
    ],
  ])("tells %s", (_, { problem }, sentence) => {
    expect(problem).toMatch(sentence);
  });

  it.each([
    ["a pod that is just starting", waiting("ContainerCreating")],
    ["a ready pod", pod({ phase: "Running", containerStatuses: [{ name: "w", ready: true }] })],
    ["a Job at work", stateOf("Job", { metadata: {}, status: { active: 1 } })],
    ["an Ingress", stateOf("Ingress", { metadata: {} })],
    ["whatever is ending", stateOf("Job", { metadata: { deletionTimestamp: "now" }, status: {} })],
  ])("has nothing against %s", (_, { problem }) => {
    expect(problem).toBeUndefined();
  });
});

describe("[KRO-12] the reason of a failure", () => {
  const at = new Date(0);
  const warning = { at, type: "Warning", reason: "FailedCreate", object: "Job/a", message: "exceeded quota", count: 3 };

  it("begins with what is certain, and ends with what was merely heard", () => {
    const status = {
      conditions: [condition("Failed", "True", "The Job failed"), condition("Database", "False", "waits")],
    };
    const facts = { clone: cloneObject("a", { status }), children: [child("image gone"), child()], events: [warning] };
    expect(reasonOf(facts)).toBe("The Job failed; image gone; Job/a: exceeded quota (FailedCreate)");
  });

  it("is what it waits for, if nothing else is known", () => {
    const status = { conditions: [condition("Database", "False", "RDS provisioning in progress")] };
    expect(reasonOf({ clone: cloneObject("a", { status }), children: [], events: [] })).toBe(
      "Database: RDS provisioning in progress",
    );
  });

  it("is KRO's silence, if KRO never said anything", () => {
    expect(reasonOf({ clone: cloneObject(), children: [], events: [] })).toMatch(/KRO has said nothing/);
  });
});

describe("[KRO-08] the provisioner", () => {
  it("creates a clone in fewer than 100 lines, with everything that nothing else uses", () => {
    const source = readFileSync(join(__dirname, "../../../clones/provisioner/provisioner.ts"), "utf8");
    const [, method = ""] =
      /( {2}async createClone[\s\S]+?)\n {2}\/\*\* @throws \{CloneError\} CLONE_NOT_FOUND/.exec(source) ?? [];
    expect(method).toContain("private async specOf");
    expect(method).toContain("private async place");
    expect(method.split("\n").length).toBeLessThan(100);
  });
});

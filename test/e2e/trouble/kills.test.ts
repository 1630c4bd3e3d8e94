import { KubeObject } from "../../cluster";
import type { World } from "../world";
import { killEach } from "./kills";
import { containersOf, workloadOf } from "./system";

/** Pods of two workloads; whoever is killed is back after some looks. */
class PlayedSystem {
  readonly kills: string[] = [];
  /** Most containers that were away at a time, of all and of one workload. */
  readonly most = { all: 0, workload: 0 };
  readonly pods = [pod("api-1", "api", 1), pod("api-2", "api", 1), pod("warm-1", undefined, 2)];
  private readonly away = new Map<any, number>();
  /** Looks until one is back. */
  looks = 1;
  /** One that can't be killed the first time. */
  ended: string | undefined;

  readonly world = {
    settings: { loomworks: { namespace: "all" }, clones: { sharedDatabase: { host: "mysql.databases.svc" } } },
    cluster: {
      client: { list: (_: string, __: string, namespace: string) => Promise.resolve(this.list(namespace)) },
      killContainer: (id: string) => {
        if (id === this.ended) {
          this.ended = undefined;
          return Promise.reject(new Error("process already finished: not found"));
        }
        this.kill(id);
        return Promise.resolve();
      },
    },
  } as unknown as World;

  private list(namespace: string): KubeObject[] {
    if (namespace !== "all") return [];
    for (const [status, left] of this.away) {
      if (left > 0) this.away.set(status, left - 1);
      else {
        this.away.delete(status);
        Object.assign(status, { ready: true, restartCount: Number(status.restartCount) + 1 });
      }
    }
    return structuredClone(this.pods.map((one) => ({ ...one, status: { ...one.status, ...conditionsOf(one) } })));
  }

  private kill(id: string): void {
    const status = this.statuses().find(({ containerID }) => containerID === id);
    this.kills.push(id);
    status.ready = false;
    this.away.set(status, this.looks);
    const workloads = this.pods.filter((one) => !isWell(one)).map(workloadOf);
    this.most.all = Math.max(this.most.all, this.away.size);
    this.most.workload = Math.max(
      this.most.workload,
      ...workloads.map((of) => workloads.filter((one) => one === of).length),
    );
  }

  private statuses(): any[] {
    return this.pods.flatMap(({ status }) => status.containerStatuses);
  }
}

function pod(name: string, owner: string | undefined, containers: number): KubeObject {
  const ownerReferences = owner === undefined ? [] : [{ kind: "ReplicaSet", name: owner, controller: true }];
  const containerStatuses = Array.from({ length: containers }, (_, index) => {
    return { name: `c${index}`, containerID: `${name}/c${index}`, restartCount: 0, ready: true };
  });
  const metadata = { name, namespace: "all", uid: name, ownerReferences };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { restartPolicy: "Always" }, status: { containerStatuses } };
}

function isWell({ status }: KubeObject): boolean {
  return status.containerStatuses.every(({ ready }: any) => ready);
}

function conditionsOf(one: KubeObject) {
  return { conditions: [{ type: "Ready", status: isWell(one) ? "True" : "False" }] };
}

describe("killing each container", () => {
  it("kills all of them once, in that order, but none while its workload is away", async () => {
    const system = new PlayedSystem();
    const order = containersOf(system.pods);
    const { killed, gone } = await killEach(system.world, order);
    expect(system.kills).toEqual(["api-1/c0", "warm-1/c0", "api-2/c0", "warm-1/c1"]);
    expect([killed.length, gone]).toEqual([4, []]);
    expect(system.most).toEqual({ all: 2, workload: 1 });
  });

  it("has no more than so many away at a time", async () => {
    const system = new PlayedSystem();
    await killEach(system.world, containersOf(system.pods), { atOnce: 1 });
    expect(system.most.all).toBe(1);
  });

  it("comes back to one that has ended by itself", async () => {
    const system = new PlayedSystem();
    system.ended = "api-2/c0";
    await killEach(system.world, containersOf(system.pods));
    expect(system.kills).toEqual(["api-1/c0", "warm-1/c0", "warm-1/c1", "api-2/c0"]);
  });

  it("tells those whose pods went before", async () => {
    const system = new PlayedSystem();
    const order = containersOf(system.pods);
    system.pods.splice(0, 1);
    expect((await killEach(system.world, order)).gone.map(({ pod: name }) => name)).toEqual(["api-1"]);
  });

  it("names those that don't come back", async () => {
    const system = new PlayedSystem();
    system.looks = Infinity;
    await expect(killEach(system.world, containersOf(system.pods), { timeoutMs: 300 })).rejects.toThrow(
      /E2E_KILLED.*api-1\/c0.*warm-1\/c0.*api-2\/c0/,
    );
  });
});

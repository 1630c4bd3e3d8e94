import { LeaderElection } from "../../../clones/warm-pool/leader-election";
import { FakeClock, settle } from "../fake-clock";

/** A server with one Lease, which counts versions as the real one does, and can be cut off. */
class Leases {
  lease: any;
  version = 0;
  down = false;
  hangs = false;

  async find(): Promise<any> {
    if (this.hangs) await new Promise(() => undefined);
    if (this.down) throw Object.assign(new Error("no connection"));
    return structuredClone(this.lease);
  }

  create(_resource: unknown, _namespace: string, body: any): Promise<any> {
    if (this.lease !== undefined) return Promise.reject(conflict());
    this.lease = { ...body, metadata: { ...body.metadata, resourceVersion: String((this.version += 1)) } };
    return Promise.resolve(this.lease);
  }

  merge(_resource: unknown, _namespace: string, _name: string, body: any): Promise<any> {
    if (this.down) return Promise.reject(new Error("no connection"));
    if (body.metadata.resourceVersion !== this.lease.metadata.resourceVersion) return Promise.reject(conflict());
    const metadata = { ...this.lease.metadata, resourceVersion: String((this.version += 1)) };
    this.lease = { ...this.lease, metadata, spec: { ...this.lease.spec, ...body.spec } };
    return Promise.resolve(this.lease);
  }
}

const conflict = () => Object.assign(new Error("conflict"), { statusCode: 409 });

function elector(leases: Leases, clock: FakeClock, identity: string) {
  const log: string[] = [];
  const stop = new AbortController();
  const own = { leading: 0, terms: 0 };
  const kube = leases as unknown as ConstructorParameters<typeof LeaderElection>[0];
  const election = new LeaderElection(kube, {
    namespace: "n",
    name: "warm-pool",
    identity,
    clock,
    log: ({ event, reason }) => log.push(reason === undefined ? event : `${event}: ${reason}`),
  });
  const running = election.run(async (signal) => {
    own.leading += 1;
    own.terms += 1;
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    own.leading -= 1;
  }, stop.signal);
  const end = async () => {
    stop.abort();
    await settle();
    await running;
  };
  return { election, log, own, end };
}

describe("the election of a leader", () => {
  const clock = () => new FakeClock("2026-02-05T15:00:00Z");

  it("[WARM-03] gives the lease to one, and to the next as soon as that one stops", async () => {
    const [time, leases] = [clock(), new Leases()];
    const one = elector(leases, time, "one");
    await settle();
    const two = elector(leases, time, "two");
    await time.step(60_000);
    expect([one.own.leading, two.own.leading]).toEqual([1, 0]);

    await one.end();
    expect(leases.lease.spec.holderIdentity).toBe("");
    await time.step(2_000);
    expect([one.own.leading, two.own.leading]).toEqual([0, 1]);
    expect(leases.lease.spec).toMatchObject({ holderIdentity: "two", leaseTransitions: 1, leaseDurationSeconds: 15 });
    expect(one.log).toEqual(["leader.elected", "leader.ended"]);
    await two.end();
  });

  it("[WARM-03] has a leader step down ten seconds after its last renewal, five before another may begin", async () => {
    const [time, leases] = [clock(), new Leases()];
    const one = elector(leases, time, "one");
    await settle();
    expect(one.election.isLeader()).toBe(true);
    leases.down = true;
    await time.step(9_999);
    expect([one.election.isLeader(), one.own.leading]).toEqual([true, 1]);
    await time.step(1);
    expect([one.election.isLeader(), one.own.leading]).toEqual([false, 0]);
    // Told once, and not with each try.
    expect(one.log).toEqual(["leader.elected", "leader.trouble: no connection", "leader.lost"]);
    leases.down = false;
    await one.end();
  });

  it("[WARM-03] has it step down in time also when the request neither succeeds nor fails", async () => {
    const [time, leases] = [clock(), new Leases()];
    const one = elector(leases, time, "one");
    await settle();
    leases.hangs = true;
    await time.step(10_000);
    expect([one.election.isLeader(), one.own.leading]).toEqual([false, 0]);
    // And is there again when the server is.
    leases.hangs = false;
    await time.step(30_000);
    expect([one.election.isLeader(), one.own.leading, one.own.terms]).toEqual([true, 1, 2]);
    await one.end();
  });

  it("[WARM-03] waits as long as the lease counts, from when it saw it change, whatever its clock says of the other's", async () => {
    const [time, leases] = [clock(), new Leases()];
    leases.lease = {
      metadata: { name: "warm-pool", resourceVersion: "0" },
      // By a clock that is a day behind.
      spec: { holderIdentity: "dead", leaseDurationSeconds: 15, renewTime: "2026-02-04T15:00:00.000000Z" },
    };
    const one = elector(leases, time, "one");
    await time.step(14_000);
    expect(one.own.terms).toBe(0);
    await time.step(2_000);
    expect(one.own.leading).toBe(1);
    await one.end();
  });

  it("[WARM-03] knows by its own clock that it is no leader any more, after it stood still", async () => {
    const [time, leases] = [clock(), new Leases()];
    const one = elector(leases, time, "one");
    await settle();
    const before = time.now().getTime();
    // A process that stands still runs no timers; its clock goes on.
    jest.spyOn(time, "now").mockReturnValue(new Date(before + 10_000));
    expect([one.own.leading, one.election.isLeader()]).toEqual([1, false]);
  });
});

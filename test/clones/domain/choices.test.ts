import { nextAlbGroup } from "../../../clones/domain/alb-groups";
import { chooseDatabase, databaseOf, sharedDatabaseName } from "../../../clones/domain/database";
import { cloneUrl, hostClaimName, isCustomerId } from "../../../clones/domain/host";

describe("[KRO-10] the load balancer of the next clone", () => {
  it("is the emptiest, and of those the first", () => {
    expect(nextAlbGroup([], 3, 90)).toBe(0);
    expect(nextAlbGroup([0, 1], 3, 90)).toBe(2);
    expect(nextAlbGroup([0, 0, 1, 2, 2], 3, 90)).toBe(1);
  });

  it("fills all evenly and never passes the limit, whichever clones end meanwhile", () => {
    const taken: number[] = [];
    for (let step = 0; step < 2000; step += 1) {
      if (step % 3 === 2) taken.splice((step * 7) % taken.length, 1);
      else taken.push(...[nextAlbGroup(taken, 4, 50)].filter((group) => group !== undefined));
      const sizes = [0, 1, 2, 3].map((group) => taken.filter((one) => one === group).length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    }
    expect(taken.length).toBeGreaterThan(190);
  });

  it("is none where all are full, or where there is none", () => {
    expect(nextAlbGroup([0, 0, 1, 1], 2, 2)).toBeUndefined();
    expect(nextAlbGroup([], 0, 2)).toBeUndefined();
  });

  it("leaves out those of groups that are no more in use", () => {
    expect(nextAlbGroup([7, 7, undefined, 0], 2, 1)).toBe(1);
  });
});

describe("[KRO-07] the database of a clone", () => {
  it.each([
    ["the stack's, if nobody asked for one", {}, "shared"],
    ["the one that was asked for", { database: "sqlite" }, "sqlite"],
    ["a dedicated one by the documents' flag", { useDedicatedDatabase: true }, "dedicated"],
    ["the sidecar of a warm pod", { warmPod: "warm-1" }, "sidecar"],
    ["the same wish twice", { useDedicatedDatabase: true, database: "dedicated" }, "dedicated"],
    ["none, if wishes contradict each other", { useDedicatedDatabase: true, database: "shared" }, undefined],
    ["none for a warm pod with another database", { warmPod: "warm-1", database: "sqlite" }, undefined],
    ["unmoved by empty wishes", { useDedicatedDatabase: false, warmPod: "" }, "shared"],
  ] as const)("is %s", (_, wish, database) => {
    expect(chooseDatabase(wish, "shared")).toBe(database);
  });

  it("is what its resource says", () => {
    expect(databaseOf({ database: "shared", useDedicatedDatabase: true })).toBe("dedicated");
    expect(databaseOf({ database: "sqlite" })).toBe("sqlite");
  });

  it("has a name on the shared server that fits a user of MySQL, and follows from the uid", () => {
    const name = sharedDatabaseName("01234567-89ab-cdef-0123-456789abcdef");
    expect(name).toBe("clone_0123456789abcdef01234567");
    expect(name.length).toBeLessThanOrEqual(32);
  });
});

describe("[CLONE-09] the names of a clone", () => {
  it("are a host of the customer's, or a path of the clone's", () => {
    const parts = { customerId: "acme", cloneName: "clone-20260205-143022", domain: "clones.betaweb.ai" };
    expect(cloneUrl({ ...parts, routing: "host" })).toBe("https://acme.clones.betaweb.ai");
    expect(cloneUrl({ ...parts, routing: "path", domain: "alb.example.com" })).toBe(
      "http://alb.example.com/clone-20260205-143022/",
    );
    expect(hostClaimName("acme")).toBe("host-acme");
  });

  it.each(["acme", "a", "a-1", "0"])("take %j for a customer", (id) => expect(isCustomerId(id)).toBe(true));
  it.each(["", "Acme", "-a", "a-", "a.b", "a_b", "a".repeat(41), "a\n"])("refuse %j", (id) =>
    expect(isCustomerId(id)).toBe(false),
  );
});

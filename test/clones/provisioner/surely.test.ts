import { ApiException } from "@kubernetes/client-node";
import { CloneProvisioner } from "../../../clones/provisioner/provisioner";
import type { Kube, KubeObject } from "../../../clones/provisioner/kube";
import { createSurely, REQUEST_ANNOTATION, untilAnswered } from "../../../clones/provisioner/surely";
import { FakeClock } from "../fake-clock";

const RESOURCE = { group: "example.com", version: "v1", plural: "things" };
const START = "2026-02-05T14:30:22Z";
const BODY = { kind: "Thing", metadata: { name: "thing", labels: { a: "b" } }, spec: { size: 1 } };

type Fate = "done" | "done, then the answer lost" | "lost" | "done, then 503" | "never answered" | "refused";

const answer = (status: number) => new ApiException(status, "said", { message: "said" }, {});

/** A server that treats each create as told; the last word holds for all that follow. */
function server(...fates: Fate[]) {
  const objects = new Map<string, KubeObject>();
  const asked: string[] = [];
  const create = (_: unknown, __: unknown, body: KubeObject): Promise<KubeObject> => {
    asked.push(body.metadata.name);
    const fate = fates[Math.min(asked.length, fates.length) - 1] ?? "done";
    if (fate === "lost") return Promise.reject(new Error("connect ECONNREFUSED"));
    if (fate === "never answered") return new Promise(() => undefined);
    if (fate === "refused") return Promise.reject(answer(422));
    if (objects.has(body.metadata.name)) return Promise.reject(answer(409));
    objects.set(body.metadata.name, { ...body, metadata: { ...body.metadata, uid: `uid-${asked.length}` } });
    if (fate === "done, then the answer lost") return Promise.reject(new Error("socket hang up"));
    if (fate === "done, then 503") return Promise.reject(answer(503));
    return Promise.resolve(objects.get(body.metadata.name)!);
  };
  const find = (_: unknown, __: unknown, name: string) => Promise.resolve(objects.get(name));
  return { objects, asked, kube: { create, find } as unknown as Kube };
}

/** The outcome, once a minute and more has passed. */
async function after<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  await clock.step(600_000);
  return await work;
}

describe("[CLONE-14] an object that is created surely", () => {
  const create = async ({ kube }: ReturnType<typeof server>) => {
    const clock = new FakeClock(START);
    return await after(clock, createSurely(kube, clock, RESOURCE, "default", BODY));
  };

  it.each<[string, Fate[]]>([
    ["the connection ended after it was made", ["done, then the answer lost", "done"]],
    ["the server was in trouble after it was made", ["done, then 503", "done"]],
    ["nobody ever answered the first request", ["never answered", "done"]],
    ["the server wasn't there for some seconds", ["lost", "lost", "lost", "done"]],
  ])("exists once where %s", async (_, fates) => {
    const played = server(...fates);
    const made = await create(played);
    expect(played.objects.size).toBe(1);
    expect(made).toBe(played.objects.get("thing"));
    expect(made).toMatchObject({ spec: { size: 1 }, metadata: { labels: { a: "b" } } });
  });

  it("leaves another's of the same name alone, and says that the name is taken", async () => {
    const played = server("lost", "done");
    const another = { metadata: { name: "thing", annotations: { [REQUEST_ANNOTATION]: "another" } } };
    played.objects.set("thing", another);
    await expect(create(played)).rejects.toMatchObject({ code: 409 });
    expect(played.objects.get("thing")).toBe(another);
  });

  it("isn't asked for again where the server said no", async () => {
    const played = server("refused");
    await expect(create(played)).rejects.toMatchObject({ code: 422 });
    expect(played.asked).toHaveLength(1);
  });

  it("is given up with what was heard last", async () => {
    const played = server("lost");
    await expect(create(played)).rejects.toThrow("ECONNREFUSED");
    expect(played.asked).toHaveLength(7);
  });
});

describe("a request that is made until it is answered", () => {
  it("waits longer from one try to the next, eleven seconds in all", async () => {
    const clock = new FakeClock(START);
    const tries: number[] = [];
    const failing = untilAnswered(clock, () => {
      tries.push((clock.now().getTime() - Date.parse(START)) / 1000);
      return Promise.reject(new Error("socket hang up"));
    });
    await expect(after(clock, failing)).rejects.toThrow("socket hang up");
    expect(tries).toEqual([0, 0.2, 0.6, 1.4, 3, 6.2, 11.2]);
  });
});

describe("a clone that is asked for", () => {
  const clones = (kube: Kube, clock: FakeClock) =>
    new CloneProvisioner(kube, { namespace: "wordpress-staging", clock, routing: "host" });

  it("[CLONE-09] is refused for a customer whose host is the service's own, before anything is made", async () => {
    const played = server("done");
    await expect(clones(played.kube, new FakeClock(START)).createClone({ customerId: "api" })).rejects.toMatchObject({
      code: "CLONE_INVALID",
      message: expect.stringContaining("Choose another id"),
    });
    expect(played.asked).toEqual([]);
  });

  it("[CLONE-14] is told by its name where nobody knows whether it was made", async () => {
    const played = server("done", "lost");
    const clock = new FakeClock(START);
    await expect(after(clock, clones(played.kube, clock).createClone({ customerId: "acme" }))).rejects.toMatchObject({
      code: "CLONE_UNCERTAIN",
      message: expect.stringContaining("npm run clones -- delete clone-20260205-143022"),
    });
    // Whoever asks next must not get a host that this clone may have.
    expect(played.objects.has("host-acme")).toBe(true);
  });
});

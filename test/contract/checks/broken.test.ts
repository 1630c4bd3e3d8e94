/**
 * What the checks are worth: a sound platform passes all of them, and each finds what it is for. A check without a broken
 * example doesn't get past this file.
 */
import { join } from "node:path";
import { readManifests } from "../documents";
import { checksWith, Title } from "./all";
import type { Example } from "./examples/example";
import { OBJECTS } from "./examples/objects";
import { PODS } from "./examples/pods";
import { TRAFFIC } from "./examples/traffic";
import { checkRules, hasPromtool } from "./monitoring";
import { Manifest, nameOf } from "./manifest";
import type { Given } from "./references";

const GIVEN: Given = {
  secrets: [{ name: "db-credentials", keys: ["username", "password"], readBy: ["web"] }],
  peers: [{ namespace: "traefik", labels: { app: "traefik" } }],
};

const CHECKS = checksWith(GIVEN, []);

const BROKEN: Record<Title, readonly Example[]> = { ...OBJECTS, ...PODS, ...TRAFFIC };

function sound(): Manifest[] {
  return readManifests(join(__dirname, "sound.k8s.yaml"));
}

function soundBut(object: string, change: (doc: any) => void): Manifest[] {
  const docs = sound();
  const doc = docs.find((candidate) => nameOf(candidate) === object);
  if (doc === undefined) throw new Error(`the sound platform has no ${object}`);
  change(doc);
  return docs;
}

describe.each(Object.entries(CHECKS))("the check that dist %s", (title, check) => {
  it("finds nothing wrong with a sound platform", () => {
    expect(check(sound())).toEqual([]);
  });

  it.each(BROKEN[title as Title])("finds %s, in %s", (_what, object, change, complaint) => {
    expect(check(soundBut(object, change))).toContainEqual(expect.stringContaining(complaint));
  });
});

describe("an exception from Pod Security", () => {
  const exception = { workload: "CronJob shop/backup", rule: "Host Namespaces", reason: "it reads the node" } as const;
  const check = checksWith(GIVEN, [exception])["keeps Pod Security restricted, but for the exceptions written down"];

  it("lets its workload break its rule", () => {
    const docs = soundBut("CronJob shop/backup", (doc) => (doc.spec.jobTemplate.spec.template.spec.hostPID = true));
    expect(check(docs)).toEqual([]);
  });

  it("has to go when it isn't needed any more", () => {
    expect(check(sound())).toEqual(['CronJob shop/backup: keeps "Host Namespaces", so that its exception has to go']);
  });
});

(hasPromtool ? describe : describe.skip)("the check that Prometheus loads the alerts", () => {
  it("finds nothing wrong with sound rules", () => {
    expect(checkRules(sound())).toEqual([]);
  });

  it.each([
    ["an expression", { alert: "A", expr: "sum(up" }],
    ["a template", { alert: "A", expr: "up", annotations: { summary: "{{ $labels.x" } }],
  ])("finds a wrong %s", (_what, rule) => {
    const docs = soundBut("PrometheusRule shop/shop", (doc) => doc.spec.groups[0].rules.push(rule));
    expect(checkRules(docs)).toHaveLength(1);
  });
});

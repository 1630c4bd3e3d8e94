import { UsageError } from "../../../constructs/shared/cli";
import { parseCommandLine, secondsOf } from "../../../clones/cli/args";
import { runCli } from "../../../clones/cli/main";
import { age, listText, stateOfClone, treeText } from "../../../clones/cli/text";
import { arrange, withoutCredentials } from "../../../clones/cli/tree";
import type { Child } from "../../../clones/provisioner/children";
import { cloneObject } from "../objects";

const NOW = new Date("2026-02-05T14:40:22Z");
const ID = "clone-20260205-143022";
const ready = { type: "Ready", status: "True", observedGeneration: 1, message: "WordPress serves" } as const;
const SERVING = { ready: true, conditions: [ready], cloneUrl: "https://acme.clones.betaweb.ai" };
const child = (kind: string, name: string, more: Partial<Child> = {}): Child => ({
  kind,
  name,
  uid: name,
  created: new Date("2026-02-05T14:31:22Z"),
  text: "there",
  ...more,
});

describe("npm run clones", () => {
  it.each([
    ["7200", 7200],
    ["45s", 45],
    ["90m", 5400],
    ["2h", 7200],
    ["1d", 86_400],
  ])("reads %s as a time", (text, seconds) => expect(secondsOf(text)).toBe(seconds));

  it.each(["", "2 h", "-1", "1w", "1h30m", "1e3"])("refuses %j as a time", (text) =>
    expect(() => secondsOf(text)).toThrow("CLONES_ARGUMENT ttl"),
  );

  it.each([
    [["list", "--customer", "acme"], { command: "list", customerId: "acme", namespace: "wordpress-staging" }],
    [["tree", ID, "--json"], { command: "tree", id: ID, json: true }],
    [
      ["extend", ID, "2h", "-n", "wordpress-production"],
      { command: "extend", ttlSeconds: 7200, namespace: "wordpress-production" },
    ],
    [["delete", ID, "--no-wait"], { command: "delete", wait: false }],
    [[], { command: "help" }],
  ])("understands %j", (args, line) => expect(parseCommandLine(args, {})).toMatchObject(line));

  it.each([[["tree"]], [["grow", ID]], [["list", "all"]], [["list", "--what"]]])("doesn't understand %j", (args) =>
    expect(() => parseCommandLine(args, {})).toThrow(UsageError),
  );

  it("refuses what is no id before it asks any cluster", () => {
    expect(() => parseCommandLine(["delete", "../pods/x"], {})).toThrow("CLONES_ARGUMENT id");
  });

  it("helps without a cluster", async () => {
    const printed: string[] = [];
    const config = () => {
      throw new Error("no cluster");
    };
    expect(await runCli({ args: ["--help"], env: {}, config, print: (text) => printed.push(text) })).toBe(0);
    expect(printed.join()).toContain("extend ID TTL");
  });
});

describe("[KRO-13] a clone on the screen", () => {
  it.each([
    ["ready", { status: SERVING }],
    ["starting", { status: { ...SERVING, conditions: [{ ...ready, observedGeneration: 0 }], ready: false } }],
    [
      "failed: The Job failed",
      { status: { conditions: [{ type: "Failed", status: "True", message: "The Job failed" }] } },
    ],
    ["ending", { metadata: { deletionTimestamp: "2026-02-05T14:40:00Z" }, status: SERVING }],
    ["starting", {}],
  ] as const)("is %s", (text, parts) => {
    expect(stateOfClone(cloneObject(ID, parts))).toMatch(new RegExp(`^${text}`));
  });

  it("shows the tree with states, reasons, ages and the last events", () => {
    const nodes = arrange([
      child("Secret", `${ID}-credentials`),
      child("Job", ID, { text: "Active" }),
      child("Pod", `${ID}-x`, { owner: ID, text: "ErrImagePull", problem: "image a can't be pulled" }),
      child("Ingress", ID, { uid: "other", text: "no address" }),
    ]);
    const event = { at: NOW, type: "Warning", reason: "Failed", object: "Pod/x", message: "Back-off", count: 3 };
    expect(treeText({ clone: cloneObject(ID, { status: SERVING }), nodes, events: [event] }, NOW)).toBe(
      `WordPressClone wordpress-staging/${ID}  ready
  for acme, database shared, 10m old, ends in 20m
  https://acme.clones.betaweb.ai
├─ Secret ${ID}-credentials  there  9m
├─ Job ${ID}  Active  9m
│  └─ Pod ${ID}-x  ErrImagePull: image a can't be pulled  9m
└─ Ingress ${ID}  no address  9m

Conditions
  Ready  True  WordPress serves

Last events
  0s  Warning  Failed  Pod/x  Back-off (3×)`,
    );
  });

  it("is a line of a table", () => {
    const [head, line] = listText([cloneObject(ID, { status: SERVING })], NOW).split("\n");
    expect(head).toMatch(/^ID +CUSTOMER +DATABASE +STATE +AGE +ENDS +URL$/);
    expect(line).toMatch(/^clone-20260205-143022 +acme +shared +ready +10m +in 20m +https:/);
    expect(listText([cloneObject(ID, { spec: { ttlSeconds: 60 } })], NOW)).toContain("overdue by 9m");
    expect(listText([], NOW)).toBe("No clones.");
  });

  it("carries no credentials, whatever its status has", () => {
    const secrets = { wordpressUsername: "u-secret", wordpressPassword: "p-secret", apiKey: "k-secret" };
    const shown = JSON.stringify(withoutCredentials(cloneObject(ID, { status: { ...SERVING, ...secrets } })));
    expect(shown).toContain("acme.clones.betaweb.ai");
    expect(shown).not.toContain("secret");
  });

  it.each([
    ["119s", 119],
    ["2m", 120],
    ["119m", 7199],
    ["2h", 7200],
    ["2d", 172_800],
    ["0s", -5],
  ])("is %s old", (text, seconds) => {
    expect(age(new Date(NOW.getTime() - seconds * 1000), NOW)).toBe(text);
  });
});

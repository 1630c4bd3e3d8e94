/**
 * What was reviewed, against what a real cluster would say: dist as it is committed, each stack as a whole. CEL rules and
 * admission can't run here: the API server runs them in the cluster suite.
 */
import { join } from "node:path";
import { CLONE_LABELS, CLONE_NAMESPACES, CLONE_SECRETS, LOOMWORKS_SECRETS, PEERS } from "../../constructs/contract";
import { ODOO_COPY } from "../../constructs/loomworks/odoo-copy";
import { selectorLabels } from "../../constructs/shared/labels";
import { STACKS } from "../../constructs/settings";
import { checksWith } from "./checks/all";
import { checkRules, hasPromtool } from "./checks/monitoring";
import type { Given } from "./checks/references";
import { readManifestsBelow } from "./documents";
import { POD_SECURITY_EXCEPTIONS } from "./pod-security-exceptions";

const DIST = join(__dirname, "..", "..", "dist");

/** Pods that no manifest of dist makes: KRO does. */
const CLONE_PODS = Object.values(CLONE_NAMESPACES).map((namespace) => ({
  namespace,
  labels: { [CLONE_LABELS.clone]: "clone" },
}));

/** Pods of copies of databases: KRO's, too. */
const COPY_PODS = { namespace: "loomworks", labels: selectorLabels(ODOO_COPY) };

const GIVEN: Given = {
  secrets: [...Object.values(LOOMWORKS_SECRETS), ...Object.values(CLONE_SECRETS)].map(({ name, data, readBy }) => ({
    name,
    keys: Object.keys(data),
    readBy,
  })),
  peers: [...Object.values(PEERS), ...CLONE_PODS, COPY_PODS],
};

if (!hasPromtool)
  console.warn("SKIPPED, alerts are not parsed: promtool is not on PATH (Debian's package prometheus has it)");

describe.each(STACKS)("dist/%s", (stack) => {
  const docs = readManifestsBelow(join(DIST, stack));

  it("is not empty", () => {
    expect(docs.length).toBeGreaterThan(0);
  });

  it.each(Object.entries(checksWith(GIVEN, POD_SECURITY_EXCEPTIONS)))("%s", (_title, check) => {
    expect(check(docs)).toEqual([]);
  });

  (hasPromtool ? it : it.skip)("[LOOM-13] has alerts that Prometheus loads", () => {
    expect(checkRules(docs)).toEqual([]);
  });
});

import { createHash } from "node:crypto";
import { html, idOf } from "../../../../../infra/plan/report/html/markup";
import { renderReport } from "../../../../../infra/plan/report/html/page";
import type { KubernetesObject } from "../../../../../infra/plan/report/kubernetes";
import { reportOf } from "../../../../../infra/plan/report/model";
import { inputOf, planOf } from "../fixtures/input";

const HOSTILE = `</script><img src=x onerror=alert(1)>"'><!--\u202e&lt;`;

const page = renderReport(reportOf([inputOf("staging"), inputOf("production")]));
const text = page.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");

describe("markup", () => {
  it("escapes whatever is put into it, in text and attributes alike", () => {
    expect(html`<p title="${HOSTILE}">${HOSTILE}</p>`.text).not.toMatch(/<img|<!--|"'|\u202e|<\/script/);
    expect(html`<p>${"&lt;"}</p>`.text).toBe("<p>&amp;lt;</p>");
  });

  it("leaves markup as it is, item by item", () => {
    expect(html`<b>${[html`<i>${"<"}</i>`, html`<i></i>`]}</b>`.text).toBe("<b><i>&lt;</i><i></i></b>");
  });

  it("makes ids that no character can break out of, and that differ where their parts do", () => {
    expect(idOf(`a b"`, "c")).toMatch(/^[\w-]+$/);
    expect(idOf("a b")).not.toBe(idOf("a_b"));
    expect(idOf("a", "b-c")).not.toBe(idOf("a-b", "c"));
  });
});

describe("the report", () => {
  it("is the same for the same input, to the byte", () => {
    expect(renderReport(reportOf([inputOf("staging"), inputOf("production")]))).toBe(page);
  });

  it("needs no network: it loads nothing, and may not", () => {
    expect(page).not.toMatch(/<(link|img|iframe|object|embed|base|form)\b|\ssrc=|@import|url\(/i);
    expect([...page.matchAll(/href="([^"]*)"/g)].filter(([, target]) => !target?.startsWith("#"))).toEqual([]);
    expect(page).toContain("default-src &#39;none&#39;");
  });

  it.each(["style", "script"])("allows its own %s by the hash of what it really holds", (element) => {
    const [, content = ""] = new RegExp(`<${element}>(.*?)</${element}>`, "s").exec(page) ?? [];
    const [policy = ""] = /Content-Security-Policy[^>]*/.exec(page) ?? [];
    expect(content).not.toBe("");
    expect(policy).toContain(`sha256-${createHash("sha256").update(content).digest("base64")}`);
  });

  it("has no id twice, and no link that leads nowhere", () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual([...new Set(ids)]);
    const goals = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(goals.filter((goal) => !ids.includes(goal))).toEqual([]);
  });

  it("says what a reader looks for first: schedule, budget and sizes, before any detail", () => {
    const glance = text.slice(text.indexOf("Marked rows differ"), text.indexOf("Every other field"));
    expect(glance).toContain("every day at 02:00 UTC");
    expect(glance).toContain("at least 1 of the pods of odoo stays up");
    expect(glance).toContain("2–10 pods, each 500m CPU, 1Gi memory; limits 1 CPU, 2Gi memory");
  });

  it("marks a quota that the stack can outgrow", () => {
    expect(page).toMatch(/class="bar over"/);
    expect(text).toContain("over the quota");
  });

  it("draws a picture with words for those who don't see it, and the same as a table", () => {
    expect(page).toMatch(/role="img"\s+aria-labelledby="[^"]+"/);
    expect(text).toContain("odoo → internet: TCP 443");
    expect(text).toMatch(/StatefulSet loomworks\/postgres\s+TCP 5432\s+postgres:5432/);
  });

  it("tells every pair of ends whether one may reach the other", () => {
    const rows = [...page.matchAll(/<tr>\s*<th scope="row">odoo-cron<\/th>(.*?)<\/tr>/gs)].map(([, cells = ""]) =>
      [...cells.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => cell),
    );
    // To postgres, the backup, odoo and itself; then to DNS and the internet.
    expect(rows).toContainEqual(["TCP 5432", "refused", "refused", "refused", "TCP 53 · UDP 53", "no rule"]);
  });

  it("holds every object of every chart, and says whom nobody asked", () => {
    for (const { files } of [inputOf("staging")]) {
      for (const { name, objects } of files) {
        expect(text).toContain(name);
        for (const { kind, metadata } of objects) expect(text).toContain(`${kind} ${metadata.name}`);
      }
    }
    expect(text.match(/neither AWS nor a cluster was contacted/g)).toHaveLength(3);
  });

  it("shows hostile names, labels and values as text, wherever they stand", () => {
    const hostile: KubernetesObject[] = [
      ...inputOf("staging").files.flatMap(({ objects }) => objects),
      {
        apiVersion: "v1",
        kind: HOSTILE,
        metadata: { name: HOSTILE, namespace: HOSTILE },
        data: { [HOSTILE]: HOSTILE },
      },
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: HOSTILE, namespace: "loomworks" },
        spec: {
          template: {
            metadata: { labels: { [HOSTILE]: HOSTILE } },
            spec: { containers: [{ name: HOSTILE, image: HOSTILE, ports: [{ name: HOSTILE, containerPort: 80 }] }] },
          },
        },
      },
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: HOSTILE, namespace: "loomworks" },
        spec: { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { [HOSTILE]: HOSTILE } } }] }] },
      },
    ];
    const plan = planOf("staging", [{ name: HOSTILE, type: HOSTILE, secretPaths: [HOSTILE] }]);
    const input = inputOf("staging", { files: [{ name: HOSTILE, objects: hostile }], plan });
    const shown = renderReport(reportOf([input, inputOf("production")]));
    expect(shown).not.toMatch(/<img|<!--|\u202e/);
    expect(shown.match(/<script/g)).toHaveLength(1);
    expect(shown).toContain("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;");
  });

  it("draws the plan as a tree with counts, and marks secrets without their values", () => {
    const secret = {
      urn: "s",
      name: "credentials",
      parent: "group",
      secretPaths: ["stringData"],
      inputs: { a: "hunter2" },
    };
    const group = { urn: "group", name: "namespace", type: "loomworks:infra:Group", protect: true };
    const input = inputOf("staging", { plan: planOf("staging", [group, secret]) });
    const shown = renderReport(reportOf([input]));
    expect(shown).toMatch(/namespace<\/span>.*loomworks:infra:Group.*protected.*1 below.*credentials/s);
    expect(shown).toContain("stringData [secret]");
    expect(shown).not.toContain("hunter2");
  });
});

import { createServer, Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { AlertChannels } from "../../../infra/observability/alert-channels";
import { missingAlertmanager, TestAlertmanager } from "../../support/alertmanager";
import { describeWith } from "../../support/requires";
import { eventually } from "../../cluster/eventually";

/** Building it takes minutes the first time. */
const BUILD_MILLISECONDS = 900_000;

const secret = pulumi.output("");
const EMAIL = { to: ["oncall@example.com"], from: "alerts@example.com", smarthost: "mail.example.com:587" };

const channels = (more: Partial<AlertChannels> = {}): AlertChannels => ({
  email: { ...EMAIL, username: "alerts" },
  webhook: "critical",
  documents: "https://github.com/acme/loomworks-platform/blob/main",
  secrets: { "slack-url": secret, "webhook-url": secret, "watchdog-url": secret, "smtp-password": secret },
  ...more,
});

/** One that came in, by the path that it came to. */
interface Notification {
  readonly path: string;
  readonly body: any;
}

describeWith(missingAlertmanager(), "[PLAT-06] Alertmanager", () => {
  let running: TestAlertmanager | undefined;
  let server: Server;
  let arrived: Notification[] = [];

  beforeAll(async () => {
    await (await TestAlertmanager.of(channels(), {})).stop();
  }, BUILD_MILLISECONDS);

  beforeEach(async () => {
    arrived = [];
    server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (data: string) => (text += data));
      request.on("end", () => {
        arrived.push({ path: request.url ?? "", body: JSON.parse(text) });
        response.end("ok");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  afterEach(async () => {
    await running?.stop();
    running = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const at = (path: string) => arrived.filter((one) => one.path === path);
  const names = ({ body }: Notification) => body.alerts.map(({ labels }: any) => labels.pod).sort();

  async function started(chosen = channels()): Promise<TestAlertmanager> {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const urls = { "slack-url": `${base}/slack`, "webhook-url": `${base}/webhook`, "watchdog-url": `${base}/watchdog` };
    running = await TestAlertmanager.of(chosen, { ...urls, "smtp-password": "unused" });
    await running.start();
    return running;
  }

  it.each([
    ["every channel", channels()],
    ["e-mail without a login", { webhook: "all", email: EMAIL, secrets: {} }],
    ["nothing at all", { webhook: "all", secrets: {} }],
  ] as [string, AlertChannels][])("accepts the configuration of %s", async (_, chosen) => {
    running = await TestAlertmanager.of(chosen, {});
    const { status, output } = running.checkConfig();
    expect(output).toContain("SUCCESS");
    expect(status).toBe(0);
  });

  it("calls for what is critical, writes of what can wait, and keeps silent about the rest", async () => {
    running = await TestAlertmanager.of(channels(), {});
    expect(running.receiverOf("alertname=OdooUnavailable", "severity=critical")).toBe("critical");
    expect(running.receiverOf("alertname=OdooAtMaximum", "severity=warning")).toBe("warning");
    expect(running.receiverOf("alertname=Unheard")).toBe("warning");
    expect(running.receiverOf("alertname=InfoInhibitor", "severity=none")).toBe("nobody");
    expect(running.receiverOf("alertname=CPUThrottlingHigh", "severity=info")).toBe("nobody");
    expect(running.receiverOf("alertname=Watchdog", "severity=none")).toBe("watchdog");
  });

  it("tells Slack and the webhook of a group at once, with where to read what to do", async () => {
    const alertmanager = await started();
    await alertmanager.post([
      alert("CloneApiUnavailable", "critical", { pod: "a" }),
      alert("CloneApiUnavailable", "critical", { pod: "b" }),
    ]);
    await eventually(() => at("/webhook").length > 0 && at("/slack").length > 0, { what: "both notifications" });
    const [told] = at("/webhook");
    expect(names(told!)).toEqual(["a", "b"]);
    expect(told!.body.commonAnnotations.runbook).toBe("docs/runbook.md#cloneapiunavailable");
    const [{ title, text }] = at("/slack")[0]!.body.attachments;
    expect(title).toBe("[FIRING:2] CloneApiUnavailable in clones of loomworks-staging");
    const link = "https://github.com/acme/loomworks-platform/blob/main/docs/runbook.md#cloneapiunavailable";
    expect(text.trim()).toBe(
      `CRITICAL: CloneApiUnavailable\nWhat to do: ${link}\nCRITICAL: CloneApiUnavailable\nWhat to do: ${link}`,
    );
  });

  it("doesn't call for what follows from something it calls for, nor tell a pager what can wait", async () => {
    const alertmanager = await started();
    await alertmanager.post([alert("PostgresDown", "critical", { namespace: "loomworks" })]);
    await alertmanager.post([alert("OdooUnavailable", "critical", { namespace: "loomworks" })]);
    // Last, so that the others' turn has come when its own has.
    await alertmanager.post([
      alert("OdooUnavailable", "critical", { namespace: "acme" }),
      alert("QuotaNearlyUsed", "warning", { namespace: "loomworks" }),
    ]);
    const told = () =>
      at("/webhook").map(({ body }) => `${body.commonLabels.alertname} ${body.commonLabels.namespace}`);
    await eventually(() => told().length >= 2, { what: "two notifications" });
    expect(told().sort()).toEqual(["OdooUnavailable acme", "PostgresDown loomworks"]);
  });

  it("tells whoever waits for it that it lives", async () => {
    const alertmanager = await started();
    await alertmanager.post([alert("Watchdog", "none")]);
    await eventually(() => at("/watchdog").length > 0, { what: "the watchdog's sign of life" });
    expect(at("/webhook")).toEqual([]);
  });
});

/** As the rules of dist and the chart make them. */
function alert(alertname: string, severity: string, labels: Record<string, string> = {}) {
  return {
    labels: { alertname, severity, namespace: "clones", cluster: "loomworks-staging", ...labels },
    annotations: { summary: alertname, runbook: `docs/runbook.md#${alertname.toLowerCase()}` },
  };
}

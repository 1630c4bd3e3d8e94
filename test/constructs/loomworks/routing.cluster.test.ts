import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describeWithCluster, eventually, KubeObject } from "../../cluster";
import { readManifests } from "../../support/dist";
import { ReplicaState, StandInOdoo } from "../../support/stand-in-odoo";
import { ask, Asked, askOverHttp2, OpenWebSocket, seenBy } from "../../support/through-traefik";
import { SOMEBODY, TestTraefik } from "../../support/traefik";

const NAMESPACE = "loomworks";
const ROUTING = ["Ingress", "Middleware", "ServersTransport"];

/** What dist has of the way to Odoo. */
const ROUTES = readManifests("staging").filter(
  ({ kind, metadata: { name, namespace } }) =>
    namespace === NAMESPACE && (ROUTING.includes(kind) || (kind === "Service" && name === "odoo")),
);
const WILDCARD: string = ROUTES.find(({ kind }) => kind === "Ingress")!.spec.rules[0].host;
const DOMAIN = WILDCARD.slice("*.".length);
const ACME = `acme.${DOMAIN}`;
const GLOBEX = `globex.${DOMAIN}`;

const MIB = 2 ** 20;

/** In place of ten minutes, where a test has to wait for a time-out. */
const SHORT = { seconds: 3, longer: 5_000 };

function certificate(name: string, namespace: string, domain: string): KubeObject {
  const folder = mkdtempSync(join(tmpdir(), "loomworks-certificate-"));
  const extension = ["-addext", `subjectAltName=DNS:${domain}`];
  const files = ["-keyout", "tls.key", "-out", "tls.crt", "-days", "2", "-subj", "/CN=tests", ...extension];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  spawnSync("openssl", ["req", "-x509", ...key, ...files], { cwd: folder });
  const stringData = Object.fromEntries(
    ["tls.key", "tls.crt"].map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
  rmSync(folder, { recursive: true });
  return { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata: { name, namespace }, stringData };
}

/** What the chart and cert-manager make. */
const SURROUNDINGS: KubeObject[] = [
  ...[NAMESPACE, "traefik"].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
  certificate("odoo-wildcard-tls", NAMESPACE, WILDCARD),
  certificate("default-certificate", "traefik", "*.clones.betaweb.ai"),
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name: "traefik" },
    spec: { controller: "traefik.io/ingress-controller" },
  },
  {
    apiVersion: "traefik.io/v1alpha1",
    kind: "TLSStore",
    metadata: { name: "default", namespace: "traefik" },
    spec: { defaultCertificate: { secretName: "default-certificate" } },
  },
];

/** A body of so many bytes, in pieces, and its hash. */
function body(bytes: number): { stream: () => Readable; sha256: string } {
  const piece = Buffer.alloc(MIB, "odoo");
  const pieces = [...Array<Buffer>(Math.floor(bytes / MIB)).fill(piece), piece.subarray(0, bytes % MIB)];
  const hash = createHash("sha256");
  for (const one of pieces) hash.update(one);
  return { stream: () => Readable.from(pieces.filter(({ length }) => length > 0)), sha256: hash.digest("hex") };
}

describeWithCluster(
  "[LOOM-09] the way to Odoo through a real Traefik",
  { own: true, nodes: 0, controllers: ["traefik"] },
  (cluster) => {
    let traefik: TestTraefik;
    let impatient: TestTraefik;
    const started: TestTraefik[] = [];
    const replicas: StandInOdoo[] = [];

    const set = (replica: StandInOdoo, state: ReplicaState) => cluster().apply([replica.endpoints(NAMESPACE, state)]);
    const get = (host: string, path = "/web", asked?: Asked) => ask(traefik, host, path, asked);
    const statusOf = async (host: string, path = "/web") => (await get(host, path)).status;
    const upload = (bytes: number, headers: Record<string, string> = {}) =>
      get(ACME, `/web/binary/upload?size=${bytes}`, { method: "POST", body: body(bytes).stream(), headers });

    beforeAll(async () => {
      replicas.push(await StandInOdoo.start(0), await StandInOdoo.start(1));
      await cluster().apply([...SURROUNDINGS, ...ROUTES]);
      for (const replica of replicas) await set(replica, "ready");
      traefik = await TestTraefik.start(cluster().kubeconfig);
      impatient = await TestTraefik.start(cluster().kubeconfig, `${SHORT.seconds}s`);
      started.push(traefik, impatient);
      for (const one of started) {
        const ready = async () => (await ask(one, ACME, "/web")).status === 200;
        await eventually(ready, { what: "a way to Odoo", timeoutMs: 30_000 });
      }
    }, 30 * 60_000);

    afterAll(async () => {
      for (const one of started) await one.stop();
      for (const replica of replicas) await replica.stop();
    });

    it("leads a tenant's host to 8069 and keeps it, with what Odoo's proxy mode asks for", async () => {
      const { server, headers } = await seenBy(
        get(ACME, "/web", { headers: { "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https" } }),
      );
      expect(server).toBe("http");
      expect(headers).toMatchObject({ host: ACME, "x-forwarded-host": ACME, "x-forwarded-proto": "https" });
    });

    it("has Odoo see the caller's address, which it takes from the end of the list, whatever the caller put before it", async () => {
      const { headers } = await seenBy(get(ACME, "/web", { headers: { "X-Forwarded-For": "10.6.6.6, 203.0.113.7" } }));
      expect(headers["x-forwarded-for"]!.split(", ").at(-1)).toBe("203.0.113.7");
    });

    it("believes nothing of it when it doesn't come from the load balancer", async () => {
      const forged = { "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": GLOBEX, "X-Forwarded-Proto": "http" };
      const { headers } = await seenBy(get(ACME, "/web", { from: SOMEBODY, headers: forged }));
      expect(headers).toMatchObject({ host: ACME, "x-forwarded-host": ACME, "x-forwarded-proto": "https" });
      expect(headers["x-forwarded-for"] ?? "").not.toContain("203.0.113.7");
    });

    it("leads /websocket and /longpolling to 8072, and nothing that only begins so", async () => {
      for (const path of ["/websocket", "/websocket/health", "/longpolling/poll"]) {
        expect(await seenBy(get(ACME, path))).toMatchObject({ server: "websocket", path });
      }
      for (const path of ["/websockets", "/longpollings/poll"]) {
        expect(await seenBy(get(ACME, path))).toMatchObject({ server: "http", path });
      }
    });

    it("carries a WebSocket's messages both ways, and leaves it open through silence longer than time-outs", async () => {
      const socket = await OpenWebSocket.open(impatient, ACME, "/websocket?version=18.0-7");
      socket.send("first");
      await eventually(() => Promise.resolve(socket.messages.length === 1), { what: "an echo" });
      await sleep(SHORT.longer);
      expect(socket.isOpen).toBe(true);
      socket.send("second");
      await eventually(() => Promise.resolve(socket.messages.length === 2), { what: "an echo after silence" });
      expect(socket.messages).toEqual(["first", "second"].map((text) => `${ACME}:${impatient.ports.https} ${text}`));
      socket.close();
    });

    it("hands on a body of 100 MiB as it is", async () => {
      const { sha256 } = body(100 * MIB);
      expect(await seenBy(upload(100 * MIB))).toMatchObject({ bytes: 100 * MIB, sha256 });
    });

    it.each([
      ["whose length is told", { "Content-Length": String(100 * MIB + 1) }],
      ["whose length nobody knows", {}],
    ])("refuses a body of a byte more, %s, and Odoo never hears of it", async (_name, headers) => {
      const before = replicas.flatMap(({ seen }) => seen).length;
      const refused = await upload(100 * MIB + 1, headers).catch(
        (error: unknown) => (error as NodeJS.ErrnoException).code,
      );
      // It may end the connection while the rest of the body still comes.
      expect(["EPIPE", "ECONNRESET", 413]).toContain(typeof refused === "object" ? refused.status : refused);
      expect(replicas.flatMap(({ seen }) => seen)).toHaveLength(before);
    });

    it("cuts an upload that takes longer than the read time-out, which is why a stack's is so long", async () => {
      const slowly = async function* () {
        for (let second = 0; second < SHORT.longer / 1000; second += 1) {
          yield Buffer.alloc(1024);
          await sleep(1000);
        }
      };
      const sendTo = (one: TestTraefik) =>
        ask(one, ACME, "/web/slow", { method: "POST", body: Readable.from(slowly()) }).then(
          ({ status }) => status,
          () => "cut",
        );
      const [stack, short] = await Promise.all([sendTo(traefik), sendTo(impatient)]);
      expect(stack).toBe(200);
      expect(short).not.toBe(200);
    });

    it("waits for an answer as long as the ServersTransport says, which the Service names", async () => {
      const transport = ROUTES.find(({ kind }) => kind === "ServersTransport")!;
      const waiting = (seconds: string) => ({ spec: { forwardingTimeouts: { responseHeaderTimeout: seconds } } });
      expect(await statusOf(ACME, "/web?wait=2500")).toBe(200);
      await cluster().client.merge(transport, waiting("1s"));
      const cut = async () => (await statusOf(ACME, "/web?wait=2500")) === 504;
      await eventually(cut, { what: "504 of an answer that comes too late" });
      await cluster().client.merge(transport, transport);
      await eventually(async () => !(await cut()), { what: "the stack's patience again" });
    });

    it("shows the wildcard's certificate by name, and serves by Host when it is told none, as the load balancer does", async () => {
      expect(await get(ACME, "/web", { servername: ACME })).toMatchObject({
        status: 200,
        certificate: `DNS:${WILDCARD}`,
      });
      expect(await get(ACME)).toMatchObject({ status: 200, certificate: "DNS:*.clones.betaweb.ai" });
    });

    it("answers plain HTTP by sending to HTTPS, at the port that people know", async () => {
      const answered = await new Promise<{ status?: number; location?: string }>((resolve, reject) => {
        const options = {
          host: "127.0.0.1",
          port: traefik.ports.http,
          path: "/web",
          headers: { host: ACME },
          agent: false,
        };
        request(options, ({ statusCode: status, headers: { location } }) => resolve({ status, location }))
          .on("error", reject)
          .end();
      });
      expect(answered).toEqual({ status: 301, location: `https://${ACME}/web` });
    });

    it.each(["/web", "/websocket/health"])("has browsers keep to HTTPS and to types on %s", async (path) => {
      const { headers } = await get(ACME, path);
      expect(headers["strict-transport-security"]).toBe("max-age=31536000; includeSubDomains");
      expect(headers["x-content-type-options"]).toBe("nosniff");
    });

    it.each(["loomworks.example", `deep.acme.${DOMAIN}`, DOMAIN])("knows nothing of the host %s", async (host) => {
      expect(await statusOf(host)).toBe(404);
    });

    it("mixes no tenants up, over one HTTP/2 connection either", async () => {
      const hosts = Array.from({ length: 40 }, (_, index) => [ACME, GLOBEX][index % 2]!);
      const seen = await askOverHttp2(traefik, hosts);
      expect(seen.map(({ headers }) => headers.host)).toEqual(hosts);
      expect(seen.map(({ headers }) => headers["x-forwarded-host"])).toEqual(hosts);
      for (const host of [ACME, GLOBEX]) {
        expect((await get(host)).headers["set-cookie"]).toEqual([`session_id=${host}; Path=/; HttpOnly`]);
      }
    });

    it("carries large headers, and names with characters that have to be encoded", async () => {
      const cookie = `session_id=${"x".repeat(32 * 1024)}`;
      const path = "/web/content/7/Invoice%20%235%3B%2050%25%3F%2FA.pdf";
      const seen = await seenBy(get(ACME, path, { headers: { cookie } }));
      expect(seen.headers.cookie).toBe(cookie);
      expect(seen.path).toBe(path);
    });

    it("writes no token of a query into its log", async () => {
      await get(ACME, "/web/reset_password?token=not-for-the-log");
      await eventually(() => Promise.resolve(traefik.log().includes("/web/reset_password")), {
        what: "a line of the log",
      });
      expect(traefik.log().includes("not-for-the-log")).toBe(false);
    });

    it("asks only replicas that are ready, fails no request while they roll, and says 503 when there is none", async () => {
      const [one, two] = replicas as [StandInOdoo, StandInOdoo];
      const statuses: number[] = [];
      let rolling = true;
      const people = Array.from({ length: 4 }, async () => {
        while (rolling) statuses.push(await statusOf(ACME, "/web?wait=50"));
      });
      for (const [leaving, staying] of [
        [one, two],
        [two, one],
        [one, two],
      ] as const) {
        await set(leaving, "ending");
        // What the pod's preStop waits for: that nobody sends to it any more.
        await sleep(2000);
        const before = leaving.seen.length;
        const served = staying.seen.length;
        await sleep(500);
        expect(leaving.seen).toHaveLength(before);
        expect(staying.seen.length).toBeGreaterThan(served);
        await set(leaving, "ready");
        await eventually(() => Promise.resolve(leaving.seen.length > before), { what: "requests for who is back" });
      }
      rolling = false;
      await Promise.all(people);
      expect(statuses.length).toBeGreaterThan(50);
      expect(statuses.filter((status) => status !== 200)).toEqual([]);

      for (const replica of replicas) await set(replica, "failing");
      await eventually(async () => (await statusOf(ACME)) === 503, { what: "503 without a replica" });
      for (const replica of replicas) await set(replica, "ready");
      await eventually(async () => (await statusOf(ACME)) === 200, { what: "200 again" });
    });

    it("goes on answering when it is to end, and says so to the load balancer first", async () => {
      impatient.end();
      await eventually(async () => !(await impatient.isHealthy()), { what: "a health check that fails" });
      expect((await ask(impatient, ACME, "/web")).status).toBe(200);
    });
  },
);

import { app, namespace, pod, policy, reach } from "./build";

const web = pod("web");
const data = pod("data");
const stranger = pod("web", { namespace: "elsewhere" });
const address = { address: "203.0.113.7" };

describe("[LOOM-12] which directions a policy holds", () => {
  it("leaves everything open where no policy selects either pod", () => {
    expect(reach([], web, data)).toBe("every port");
    expect(reach([policy({ ...app("other"), policyTypes: ["Ingress", "Egress"] })], web, data)).toBe("every port");
  });

  it("denies what no rule admits, as soon as one policy selects the pod", () => {
    expect(reach([policy({ ...app("data"), policyTypes: ["Ingress"] })], web, data)).toBe("nothing");
    expect(reach([policy({ ...app("web"), policyTypes: ["Egress"] })], web, data)).toBe("nothing");
  });

  it("holds ingress by default, and egress too once there is an egress rule", () => {
    expect(reach([policy(app("data"))], web, data)).toBe("nothing");
    expect(reach([policy({ ...app("web"), egress: [] })], web, data)).toBe("every port");
    expect(reach([policy({ ...app("web"), egress: [{ ports: [{ port: 80 }] }] })], web, data)).toBe("TCP 80");
  });

  it("ignores the rules of a direction that policyTypes leaves out", () => {
    const egressAlone = policy({ policyTypes: ["Egress"], ingress: [{ from: [app("nobody")] }], egress: [{}] });
    expect(reach([egressAlone], web, data)).toBe("every port");
  });

  it("holds the pods of its own namespace alone", () => {
    expect(reach([policy({}, { namespace: "elsewhere" })], web, data)).toBe("every port");
  });

  it("needs both ends: what egress opens, ingress may still refuse", () => {
    const out = policy({ ...app("web"), policyTypes: ["Egress"], egress: [{ to: [app("data")] }] });
    const closed = policy({ ...app("data"), policyTypes: ["Ingress"] });
    const open = policy({ ...app("data"), ingress: [{ from: [app("web")], ports: [{ port: 80 }] }] });
    expect(reach([out], web, data)).toBe("every port");
    expect(reach([out, closed], web, data)).toBe("nothing");
    expect(reach([out, closed, open], web, data)).toBe("TCP 80");
  });

  it("adds policies up: none takes away what another admits", () => {
    const admits = (port: number) => policy({ ingress: [{ ports: [{ port }] }] });
    expect(reach([admits(80), policy({}), admits(9000)], web, data)).toBe("TCP 80, 9000");
  });

  it("neither holds nor knows a pod on its node's network", () => {
    const onNode = pod("data", { hostNetwork: true });
    expect(reach([policy({ policyTypes: ["Ingress"] })], web, onNode)).toBe("every port");
    expect(reach([policy({ ingress: [{ from: [app("data")] }] })], onNode, web)).toBe("nothing");
  });
});

describe("[LOOM-12] whom a rule means", () => {
  const ingress = (rule: object) => [policy({ ...app("data"), ingress: [rule] })];

  it("means everyone, addresses too, where the list of peers is absent or empty", () => {
    for (const rule of [{}, { from: [] }]) {
      expect(reach(ingress(rule), stranger, data)).toBe("every port");
      expect(reach(ingress(rule), address, data)).toBe("every port");
    }
  });

  it("means pods of its own namespace by a podSelector alone, an empty one all of them", () => {
    expect(reach(ingress({ from: [app("web")] }), web, data)).toBe("every port");
    expect(reach(ingress({ from: [app("web")] }), stranger, data)).toBe("nothing");
    expect(reach(ingress({ from: [{ podSelector: {} }] }), pod("any"), data)).toBe("every port");
    expect(reach(ingress({ from: [{ podSelector: {} }] }), stranger, data)).toBe("nothing");
  });

  it("means every pod of a namespace by a namespaceSelector alone", () => {
    const rules = [...ingress({ from: [{ namespaceSelector: { matchLabels: { team: "a" } } }] })];
    expect(reach([...rules, namespace("elsewhere", { team: "a" })], stranger, data)).toBe("every port");
    expect(reach([...rules, namespace("elsewhere", { team: "b" })], stranger, data)).toBe("nothing");
  });

  it("knows every namespace by its name, though no manifest labels it", () => {
    const selector = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "elsewhere" } } };
    expect(reach(ingress({ from: [selector] }), stranger, data)).toBe("every port");
    expect(reach(ingress({ from: [selector] }), web, data)).toBe("nothing");
  });

  it("asks both selectors of one peer, and either of two peers", () => {
    const elsewhere = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "elsewhere" } } };
    const both = ingress({ from: [{ ...elsewhere, ...app("web") }] });
    const either = ingress({ from: [elsewhere, app("web")] });
    const others = [web, pod("other", { namespace: "elsewhere" })];
    expect(reach(both, stranger, data)).toBe("every port");
    expect(others.map((other) => reach(both, other, data))).toEqual(["nothing", "nothing"]);
    expect(others.map((other) => reach(either, other, data))).toEqual(["every port", "every port"]);
  });

  it("means no pod by a label that the pod lacks, except where the label must be absent", () => {
    const expression = (operator: string, values?: string[]) =>
      ingress({ from: [{ podSelector: { matchExpressions: [{ key: "tier", operator, values }] } }] });
    const tiered = pod("web", { labels: { tier: "front" } });
    expect(reach(expression("In", ["front"]), tiered, data)).toBe("every port");
    expect(reach(expression("In", ["front"]), web, data)).toBe("nothing");
    expect(reach(expression("NotIn", ["front"]), web, data)).toBe("every port");
    expect(reach(expression("NotIn", ["front"]), tiered, data)).toBe("nothing");
    expect(reach(expression("Exists"), tiered, data)).toBe("every port");
    expect(reach(expression("DoesNotExist"), tiered, data)).toBe("nothing");
  });

  it("means addresses by an ipBlock, without those it excepts, and no pod", () => {
    const rules = ingress({ from: [{ ipBlock: { cidr: "203.0.113.0/24", except: ["203.0.113.128/25"] } }] });
    expect(reach(rules, address, data)).toBe("every port");
    expect(reach(rules, { address: "203.0.113.200" }, data)).toBe("nothing");
    expect(reach(rules, { address: "198.51.100.1" }, data)).toBe("nothing");
    expect(reach(rules, web, data)).toBe("nothing");
  });

  it("means addresses of IPv6 too", () => {
    const rules = [policy({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "2001:db8::/32" } }] }] })];
    expect(reach(rules, web, { address: "2001:db8::1" })).toBe("every port");
    expect(reach(rules, web, { address: "2001:db9::1" })).toBe("nothing");
  });
});

describe("[LOOM-12] which ports a rule opens", () => {
  const ingress = (...ports: object[]) => [policy({ ...app("data"), ingress: [{ ports }] })];

  it("opens TCP where no protocol is named, and a whole protocol where no port is", () => {
    expect(reach(ingress({ port: 80 }), web, data)).toBe("TCP 80");
    expect(reach(ingress({ protocol: "UDP" }), web, data)).toBe("UDP all");
  });

  it("opens every port up to endPort, that one included", () => {
    expect(reach(ingress({ port: 8000, endPort: 8010 }), web, data)).toBe("TCP 8000–8010");
  });

  it("looks a named port up at the pod where the connection ends, by protocol too", () => {
    expect(reach(ingress({ port: "metrics" }), web, data)).toBe("TCP 9000");
    expect(reach(ingress({ port: "dns" }), web, data)).toBe("nothing");
    expect(reach(ingress({ port: "dns", protocol: "UDP" }), web, data)).toBe("UDP 53");
    const out = [policy({ ...app("web"), policyTypes: ["Egress"], egress: [{ ports: [{ port: "http" }] }] })];
    expect(reach(out, pod("web", { ports: [] }), data)).toBe("TCP 80");
    expect(reach(out, web, pod("data", { ports: [] }))).toBe("nothing");
    expect(reach(out, web, address)).toBe("nothing");
  });

  it("leaves what both ends open: the ports that are in both ranges", () => {
    const out = policy({
      ...app("web"),
      policyTypes: ["Egress"],
      egress: [{ ports: [{ port: 8005, endPort: 9000 }] }],
    });
    expect(reach([out, ...ingress({ port: 8000, endPort: 8010 })], web, data)).toBe("TCP 8005–8010");
  });
});

describe("[LOOM-12] a policy that the API server would refuse", () => {
  const bad = (rule: object) => () => reach([policy({ ingress: [rule] })], web, data);

  it.each([
    [{ from: [{}] }, /REPORT_POLICY_PEER NetworkPolicy shop\/policy\.spec\.ingress\[0\]\.from\[0\]: got \{\}/],
    [{ from: [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] }, /REPORT_POLICY_PEER/],
    [{ from: [{ ipBlock: { cidr: "10.0.0.0/33" } }] }, /REPORT_POLICY_CIDR .*cidr: got "10.0.0.0\/33"/],
    [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] } }] }, /REPORT_POLICY_CIDR .*except\[0\]/],
    [{ ports: [{ port: 0 }] }, /REPORT_POLICY_PORT/],
    [{ ports: [{ port: "http", endPort: 90 }] }, /REPORT_POLICY_PORT .*endPort needs a port number/],
    [{ ports: [{ port: 90, endPort: 80 }] }, /REPORT_POLICY_PORT/],
    [{ ports: [{ port: 90, protocol: "ICMP" }] }, /REPORT_POLICY_PORT/],
  ])("is named, not guessed at: %j", (rule, message) => {
    expect(bad(rule)).toThrow(message);
  });
});

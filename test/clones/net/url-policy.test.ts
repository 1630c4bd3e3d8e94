import fc from "fast-check";
import { reachOf } from "../../../clones/net/addresses";
import { parseOutboundUrl, parseSiteUrl } from "../../../clones/net/url-policy";

const refused = (text: string, policy = {}) => {
  try {
    parseOutboundUrl(text, policy);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "URL_REFUSED", status: 422 });
    return true;
  }
};

const octet = fc.nat({ max: 255 });
const low16 = fc.tuple(octet, octet);

/** An IPv4 address of each kind that nobody may be made to call. */
const inner = fc.oneof(
  fc.tuple(octet, low16).map(([b, [c, d]]) => [10, b, c, d] as const),
  fc.tuple(octet, low16).map(([b, [c, d]]) => [127, b, c, d] as const),
  fc.tuple(fc.integer({ min: 16, max: 31 }), low16).map(([b, [c, d]]) => [172, b, c, d] as const),
  low16.map(([c, d]) => [192, 168, c, d] as const),
  low16.map(([c, d]) => [169, 254, c, d] as const),
  fc.tuple(fc.integer({ min: 64, max: 127 }), low16).map(([b, [c, d]]) => [100, b, c, d] as const),
  fc.tuple(fc.integer({ min: 224, max: 255 }), octet, low16).map(([a, b, [c, d]]) => [a, b, c, d] as const),
  fc.tuple(octet, low16).map(([b, [c, d]]) => [0, b, c, d] as const),
);
type Quad = readonly [number, number, number, number];

const radix = (value: number, base: 8 | 10 | 16) =>
  ({ 8: `0${value.toString(8)}`, 10: String(value), 16: `0x${value.toString(16)}` })[base];
const base = fc.constantFrom(8 as const, 10 as const, 16 as const);
const whole = ([a, b, c, d]: Quad) => ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
const hex = ([a, b, c, d]: Quad) => `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
const fullWidth = (text: string) =>
  Array.from(text, (char) => String.fromCodePoint(char.codePointAt(0)! + 0xfee0)).join("");

/** What URLs are taken apart by, and what only looks like it. */
const EVIL = Array.from("http:/@\\.[]%?#x-0127aé。\u0000\t \u202e_");

/** The same address in each way that some program reads. */
const notations: readonly ((quad: Quad, bases: readonly (8 | 10 | 16)[]) => string)[] = [
  (quad) => quad.join("."),
  (quad, bases) => quad.map((part, at) => radix(part, bases[at]!)).join("."),
  (quad, bases) => radix(whole(quad), bases[0]!),
  ([a, b, c, d], bases) => [a, b, (c << 8) | d].map((part, at) => radix(part, bases[at]!)).join("."),
  ([a, b, c, d], bases) => [a, (b << 16) | (c << 8) | d].map((part, at) => radix(part, bases[at]!)).join("."),
  (quad) => `${quad.join(".")}.`,
  (quad) => quad.map((part) => String(part).padStart(4, "0")).join("."),
  (quad) => quad.join("。"),
  (quad) => quad.join("．"),
  (quad) => fullWidth(quad.join(".")),
  (quad) => quad.join(".").replaceAll("1", "①").replaceAll("2", "②"),
  (quad) => quad.join(".").replaceAll(".", "%2e"),
  (quad) => quad.join(".").replace("1", "%31"),
  (quad) => `[::ffff:${quad.join(".")}]`,
  (quad) => `[::ffff:${hex(quad)}]`,
  (quad) => `[0:0:0:0:0:ffff:${hex(quad)}]`,
  (quad) => `[::${hex(quad)}]`,
  (quad) => `[64:ff9b::${hex(quad)}]`,
  (quad) => `[64:ff9b:1::${hex(quad)}]`,
  (quad) => `[2002:${hex(quad)}::1]`,
  (quad) => `[2001:0:${hex(quad)}::1]`,
  (quad) => `[::ffff:0:${hex(quad)}]`,
];

const dressed: readonly ((host: string) => string)[] = [
  (host) => `http://${host}/`,
  (host) => `https://${host}`,
  (host) => `HTTP://${host}:8080/wp-json?x=1`,
  (host) => `http://example.com@${host}/`,
  (host) => `http://example.com:80@${host}/`,
  (host) => `http://example.com\\@${host}/`,
  (host) => `http://${host}\\@example.com/`,
  (host) => `http:/\\${host}/`,
  (host) => `http:${host}`,
  (host) => ` http://${host}/`,
  (host) => `ht\ttp://${host}/`,
  (host) => `http://\u200b${host}/`,
  (host) => `//${host}/`,
  (host) => `http://${host}#@example.com`,
];

describe("a URL that somebody gives", () => {
  it("[CLONE-03] is refused in every notation of every address that is not public", () => {
    fc.assert(
      fc.property(
        inner,
        fc.array(base, { minLength: 4, maxLength: 4 }),
        fc.constantFrom(...notations),
        fc.constantFrom(...dressed),
        (quad, bases, notation, dress) => {
          expect([dress(notation(quad, bases)), refused(dress(notation(quad, bases)))]).toEqual([
            expect.any(String),
            true,
          ]);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("[CLONE-03] never brings about anything but a URL or a refusal, and a URL has just the host that was written", () => {
    const evil = fc.string({ unit: fc.constantFrom(...EVIL), maxLength: 40 });
    fc.assert(
      fc.property(
        fc.oneof(
          evil,
          evil.map((text) => `http://${text}`),
          fc.webUrl(),
          fc.string(),
        ),
        (text) => {
          if (refused(text)) return;
          const { protocol, host } = parseOutboundUrl(text);
          expect(text.toLowerCase().startsWith(`${protocol}//${host}`)).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it.each([
    "https://example.com",
    "https://example.com/blog",
    "HTTPS://Example.COM/Blog",
    "http://example.com:80/",
    "https://example.com:8443/x%20y",
    "https://xn--bcher-kva.example",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]/",
  ])("is taken: %s", (text) => {
    expect(parseOutboundUrl(text).href).toBe(new URL(text).href);
  });

  it.each([
    "",
    "example.com",
    "ftp://example.com",
    "file:///etc/passwd",
    "gopher://example.com",
    "javascript:alert(1)",
    "https://",
    "https://user:secret@example.com",
    "https://@example.com",
    "https://localhost",
    "https://localhost.",
    "https://wordpress.localhost",
    "https://redis-master",
    "https://redis.wordpress-staging.svc",
    "https://redis.wordpress-staging.svc.cluster.local",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://nas.local",
    "https://bücher.example",
    "https://example.com.",
    "https://example.com:22/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://exam ple.com",
    "https://example.com/\u0000",
    "https://example.com/a\nb",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://168.63.129.16/",
    "https://100.100.100.200/",
  ])("is refused: %s", (text) => {
    expect(refused(text)).toBe(true);
  });

  it("[CLONE-03] never appears in the message, because it may hold a password", () => {
    expect(() => parseOutboundUrl("https://admin:hunter2@example.com")).not.toThrow(/hunter2/);
    expect(() => parseOutboundUrl("https://admin:hunter2@example.com")).toThrow("it carries credentials");
  });

  it("is refused when it is longer than any load balancer carries", () => {
    expect(refused(`https://example.com/${"a".repeat(2048)}`)).toBe(true);
  });

  it("has neither query nor fragment where it is a site's", () => {
    expect(parseSiteUrl("https://example.com/blog").pathname).toBe("/blog");
    expect(() => parseSiteUrl("https://example.com/?token=1")).toThrow("URL_REFUSED");
    expect(() => parseSiteUrl("https://example.com/#x")).toThrow("URL_REFUSED");
  });
});

describe("a local stack", () => {
  it("lets in its own network, and metadata never", () => {
    const local = { allowPrivate: true };
    for (const text of ["http://127.0.0.1:8080", "http://10.1.2.3", "http://localhost:9400", "http://[::1]:8080"]) {
      expect([text, refused(text, local)]).toEqual([text, false]);
    }
    for (const host of ["169.254.169.254", "[fd00:ec2::254]", "0.0.0.0", "[::]", "224.0.0.1", "[::ffff:a9fe:a9fe]"]) {
      expect([host, refused(`http://${host}/`, local)]).toEqual([host, true]);
    }
  });

  it("lets in hosts by name alone", () => {
    const policy = { allowedHosts: ["wordpress.intra.example", ".clones.svc"] };
    expect(refused("http://wordpress.intra.example", policy)).toBe(false);
    expect(refused("http://acme.clones.svc", policy)).toBe(false);
    expect(refused("http://clones.svc", policy)).toBe(true);
    expect(refused("http://evilclones.svc", policy)).toBe(true);
    expect(refused("http://10.0.0.1", policy)).toBe(true);
  });
});

describe("an address", () => {
  it.each([
    ["8.8.8.8", "public"],
    ["2606:4700::1", "public"],
    ["::ffff:8.8.8.8", "public"],
    ["64:ff9b::808:808", "public"],
    ["64:ff9b::a9fe:a9fe", "never"],
    ["::ffff:10.0.0.1", "private"],
    ["127.0.0.1", "private"],
    ["fd12::1", "private"],
    ["169.254.169.254", "never"],
    ["fe80::1", "never"],
    ["fe80::1%eth0", "never"],
    ["::ffff:127.0.0.1%1", "never"],
    ["0.0.0.0", "never"],
    ["2002:808:808::1", "never"],
    ["127.1", "never"],
    ["0177.0.0.1", "never"],
    ["nonsense", "never"],
  ] as const)("%s is %s", (text, reach) => {
    expect(reachOf(text)).toBe(reach);
  });
});

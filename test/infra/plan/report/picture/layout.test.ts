import type { Bundle, Graph } from "../../../../../infra/plan/report/picture/graph";
import { graphOf } from "../../../../../infra/plan/report/picture/graph";
import { LABEL_HEIGHT, Layout, layoutOf } from "../../../../../infra/plan/report/picture/layout";
import { networkOf } from "../../../../../infra/plan/report/network/network";
import { objectsFrom } from "../fixtures/input";
import { PRODUCTION } from "../fixtures/loomworks";

interface Area {
  readonly what: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function graph(names: string, ...connections: [from: string, to: string, ports?: string][]): Graph {
  const bundles = new Map<string, Bundle>();
  for (const [from, target, ports = "TCP 80"] of connections) {
    const before = bundles.get(target + ports) ?? { target, sources: [], ports, services: `${target}:80` };
    bundles.set(target + ports, { ...before, sources: [...before.sources, from] });
  }
  const nodes = names.split(" ").map((id) => {
    const role = id.startsWith("in-") ? "source" : id.startsWith("out-") ? "sink" : "pods";
    return { id, title: id, subtitle: "Deployment", detail: id, role, closed: true } as const;
  });
  return { nodes, bundles: [...bundles.values()] };
}

/** Fifteen nodes that talk a lot, some of them backwards. */
const busy = graph(
  "in-a in-b in-c web api admin worker mailer cache data search jobs out-dns out-internet out-mail",
  ["in-a", "web"],
  ["in-a", "api", "TCP 8080"],
  ["in-b", "web", "TCP 9000"],
  ["in-b", "data", "TCP 9187"],
  ["in-b", "cache", "TCP 9121"],
  ["in-c", "admin"],
  ["web", "api", "TCP 8080"],
  ["admin", "api", "TCP 8080"],
  ["api", "cache", "TCP 6379"],
  ["api", "data", "TCP 5432"],
  ["worker", "data", "TCP 5432"],
  ["worker", "api", "TCP 8081"],
  ["worker", "search", "TCP 9200"],
  ["search", "worker", "TCP 7000"],
  ["data", "web", "TCP 7001"],
  ["jobs", "data", "TCP 5432"],
  ["mailer", "out-mail", "TCP 587"],
  ...["web", "api", "admin", "worker", "mailer", "cache", "data", "search", "jobs"].map(
    (name): [string, string, string] => [name, "out-dns", "UDP 53"],
  ),
  ["worker", "out-internet", "TCP 443"],
);

function areasOf({ boxes, wires }: Layout): Area[] {
  return [
    ...boxes.map(({ node, x, y, width, height }) => ({
      what: `box ${node.id}`,
      left: x,
      right: x + width,
      top: y,
      bottom: y + height,
    })),
    ...wires.flatMap(({ labels, bundle }) =>
      labels.map(({ text, x, y, width }) => ({
        what: `label ${text} at ${bundle.target}`,
        left: x - width,
        right: x,
        top: y - LABEL_HEIGHT + 3,
        bottom: y,
      })),
    ),
  ];
}

function overlaps(layout: Layout): string[] {
  const areas = areasOf(layout);
  return areas.flatMap((a, index) =>
    areas
      .slice(index + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `${a.what} and ${b.what}`),
  );
}

/** Lines that run through a box from the one side to the other, or within it. */
function linesThroughBoxes({ boxes, wires }: Layout): string[] {
  return wires.flatMap(({ bundle, lines }) =>
    lines.flatMap(({ from, to }) =>
      boxes
        .filter(({ x, y, width, height }) => {
          const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
          const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
          return left < x + width && right > x && top < y + height && bottom > y;
        })
        .map(({ node }) => `${bundle.ports} to ${bundle.target} through ${node.id}`),
    ),
  );
}

/** Two bundles whose lines lie on each other: a reader could not tell them apart. */
function sharedLines({ wires }: Layout): string[] {
  const all = wires.flatMap(({ bundle, lines }) => lines.map((line) => ({ bundle, ...line })));
  return all.flatMap((a, index) =>
    all.slice(index + 1).flatMap((b) => {
      if (a.bundle === b.bundle) return [];
      const shared = [0, 1].some((axis) => {
        const across = 1 - axis;
        const flat = [a.from, a.to, b.from, b.to].every((point) => point[across] === a.from[across]);
        const start = Math.max(Math.min(a.from[axis]!, a.to[axis]!), Math.min(b.from[axis]!, b.to[axis]!));
        const end = Math.min(Math.max(a.from[axis]!, a.to[axis]!), Math.max(b.from[axis]!, b.to[axis]!));
        return flat && start < end;
      });
      return shared ? [`${a.bundle.ports} to ${a.bundle.target} and ${b.bundle.ports} to ${b.bundle.target}`] : [];
    }),
  );
}

describe("the picture of what talks to what", () => {
  const loomworks = graphOf(networkOf(objectsFrom(PRODUCTION)), new Map());

  it.each([
    ["Loomworks", loomworks],
    ["fifteen nodes that talk a lot", busy],
  ])("keeps boxes and labels of %s apart, and lines out of boxes and off each other", (_, drawn) => {
    const layout = layoutOf(drawn);
    expect(overlaps(layout)).toEqual([]);
    expect(linesThroughBoxes(layout)).toEqual([]);
    expect(sharedLines(layout)).toEqual([]);
  });

  it("joins every source with its target", () => {
    for (const { bundle, lines, arrow } of layoutOf(busy).wires) {
      const ends = lines.flatMap(({ from, to }) => [from, to]).map((point) => point.join());
      expect(ends).toContain(arrow.join());
      const { boxes } = layoutOf(busy);
      for (const source of bundle.sources) {
        const box = boxes.find(({ node }) => node.id === source)!;
        const leaves = lines.filter(
          ({ from: [x, y] }) => x === box.x + box.width && y > box.y && y < box.y + box.height,
        );
        expect(leaves).toHaveLength(1);
      }
    }
  });

  it("runs from left to right: outside, who calls, who answers, outside", () => {
    const columns = new Map(layoutOf(loomworks).boxes.map(({ node, x }) => [node.title, x]));
    const [traefik, odoo, postgres, dns] = ["traefik", "odoo", "postgres", "kube-dns"].map((name) =>
      columns.get(name)!,
    );
    expect([traefik, odoo, postgres, dns]).toEqual([traefik, odoo, postgres, dns].sort((a, b) => a! - b!));
    expect(columns.get("postgres-backup")).toBe(odoo);
  });

  it("says once what many do: connections to one end on the same ports are one line", () => {
    const dns = loomworks.bundles.filter(({ target }) => target.includes("kube-dns"));
    expect(dns).toEqual([expect.objectContaining({ ports: "TCP 53 · UDP 53", services: "" })]);
    expect(dns[0]?.sources).toHaveLength(4);
  });

  it("stands those that talk to each other side by side, whatever their order was", () => {
    const crossed = graph("in-a in-b in-c z y x", ["in-a", "x"], ["in-b", "y"], ["in-c", "z"]);
    const heights = new Map(layoutOf(crossed).boxes.map(({ node, y }) => [node.id, y]));
    expect(["x", "y", "z"].map((id) => heights.get(id))).toEqual(["in-a", "in-b", "in-c"].map((id) => heights.get(id)));
  });

  it("lies within its frame, and is the same every time", () => {
    const { left, top, width, height, ...rest } = layoutOf(busy);
    for (const area of areasOf({ left, top, width, height, ...rest })) {
      expect(area.left).toBeGreaterThanOrEqual(left);
      expect(area.right).toBeLessThanOrEqual(left + width);
      expect(area.top).toBeGreaterThanOrEqual(top);
      expect(area.bottom).toBeLessThanOrEqual(top + height);
    }
    expect(layoutOf(busy)).toEqual(layoutOf(busy));
  });

  it("has room for nothing at all", () => {
    expect(layoutOf({ nodes: [], bundles: [] }).boxes).toEqual([]);
  });
});

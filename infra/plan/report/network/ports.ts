/** Sets of ports, by protocol. */

export const PROTOCOLS = ["TCP", "UDP", "SCTP"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface PortRange {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
}

/** Sorted by protocol and port; no two ranges touch. */
export type PortSet = readonly PortRange[];

const LAST_PORT = 65535;

export const NO_PORT: PortSet = [];
export const EVERY_PORT: PortSet = PROTOCOLS.map((protocol) => ({ protocol, first: 1, last: LAST_PORT }));

export function port(protocol: Protocol, first: number, last = first): PortSet {
  return [{ protocol, first, last }];
}

export function union(...sets: readonly PortSet[]): PortSet {
  const ranges = sets.flat();
  return PROTOCOLS.flatMap((protocol) => merge(ranges.filter((range) => range.protocol === protocol)));
}

function merge(ranges: readonly PortRange[]): PortRange[] {
  const merged: PortRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last + 1) merged.push(range);
    else merged[merged.length - 1] = { ...before, last: Math.max(before.last, range.last) };
  }
  return merged;
}

export function intersection(a: PortSet, b: PortSet): PortSet {
  return union(
    a.flatMap((one) =>
      b
        .filter(({ protocol }) => protocol === one.protocol)
        .map(({ protocol, first, last }) => ({
          protocol,
          first: Math.max(first, one.first),
          last: Math.min(last, one.last),
        }))
        .filter(({ first, last }) => first <= last),
    ),
  );
}

export function hasPort(set: PortSet, protocol: Protocol, number: number): boolean {
  return set.some((range) => range.protocol === protocol && range.first <= number && number <= range.last);
}

export function isEveryPort(set: PortSet): boolean {
  return portText(set) === portText(EVERY_PORT);
}

/** `TCP 8069, 8072 · UDP 53`, and `every port` for all of them. */
export function portText(set: PortSet): string {
  const full = set.filter(({ first, last }) => first === 1 && last === LAST_PORT);
  if (full.length === PROTOCOLS.length) return "every port";
  return PROTOCOLS.filter((protocol) => set.some((range) => range.protocol === protocol))
    .map(
      (protocol) =>
        `${protocol} ${set
          .filter((range) => range.protocol === protocol)
          .map(rangeText)
          .join(", ")}`,
    )
    .join(" · ");
}

function rangeText({ first, last }: PortRange): string {
  if (first === last) return String(first);
  return first === 1 && last === LAST_PORT ? "all" : `${first}–${last}`;
}

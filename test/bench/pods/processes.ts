/** What the cluster's own programs take, which run in no pod: their processes, by /proc. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Usages } from "./usage";

/** A process as `/proc/<pid>/stat` has it. */
export interface Process {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  /** CPU seconds since its start, its own and the kernel's for it. */
  readonly seconds: number;
  readonly bytes: number;
}

/** What Linux gives programs on every architecture (USER_HZ), and the page of those that this runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** The node's first process, whose descendants are all pods; of these, metrics tell. */
const NODE = "node";

/** Each runs one pod, and is the child of none of the programs. */
const SHIM = "containerd-shim";

/** @throws {RangeError} if it isn't what Linux writes */
export function parseStat(text: string): Process {
  // The name may have spaces and brackets of its own.
  const [, pid, name = "", rest = ""] = /^(\d+) \((.*)\) (.+)$/s.exec(text) ?? [];
  const fields = rest.trim().split(" ");
  if (pid === undefined || fields.length < 22) throw new RangeError("it is no /proc/<pid>/stat");
  const number = (field: number) => Number(fields[field - 3]);
  const seconds = (number(14) + number(15)) / TICKS_PER_SECOND;
  return { pid: Number(pid), name, parent: number(4), seconds, bytes: number(24) * PAGE_BYTES };
}

/** A process and all that come from it. */
export function treeOf(root: number, all: readonly Process[]): Process[] {
  const found = new Set(all.filter(({ pid }) => pid === root));
  // A set goes on with what is added on the way, and has each once.
  for (const { pid } of found) for (const child of all) if (child.parent === pid) found.add(child);
  return [...found];
}

/** The programs of one cluster, between two looks. */
export class Programs {
  private before = new Map<string, number>();
  private lookedAt = 0;

  /** @param folder the cluster's, which has the number of each process in `run/` */
  constructor(private readonly folder: string) {}

  /** CPU since the last look, memory now; the first look only begins. */
  look(): Usages {
    const now = performance.now();
    const elapsed = (now - this.lookedAt) / 1000;
    const seen = [...this.groups()].map(([name, processes]) => {
      const seconds = processes.reduce((sum, one) => sum + one.seconds, 0);
      const bytes = processes.reduce((sum, one) => sum + one.bytes, 0);
      return { component: `(${name})`, seconds, bytes };
    });
    const usages = seen.flatMap(({ component, seconds, bytes }) => {
      const before = this.before.get(component);
      const cores = before === undefined ? 0 : Math.max(0, seconds - before) / elapsed;
      return before === undefined ? [] : [[component, { cores, bytes, pods: 0 }] as const];
    });
    this.before = new Map(seen.map(({ component, seconds }) => [component, seconds]));
    this.lookedAt = now;
    return new Map(usages);
  }

  private *groups(): Iterable<[string, Process[]]> {
    const all = processes();
    const run = join(this.folder, "run");
    for (const name of readdirSync(run)) {
      const tree = treeOf(Number(readFileSync(join(run, name), "utf8")), all);
      if (name !== NODE) yield [name, tree];
      else yield ["containerd's shims", tree.filter((one) => one.name.startsWith(SHIM.slice(0, 15)))];
    }
  }
}

function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"))];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

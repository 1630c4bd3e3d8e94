/** A writer that never pauses: numbered rows, each a transaction of its own, and which of them the server has acknowledged. */
import { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { killSilently, PostgresServer } from "./postgres-server";

/** What a server holds of the ledger. */
export interface Holdings {
  /** Number of rows, and the highest; the same where none is missing. */
  readonly rows: number;
  readonly last: number;
}

/** Asks whoever can be asked. */
export interface Askable {
  query(sql: string): { readonly stdout: string; readonly status: number | null; readonly stderr: string };
}

/** Half a kilobyte a row: a segment fills within seconds, and fifty rounds leave room on the disk. */
const FILLER = "repeat(md5(random()::text), 15)";

/** psql prints each number once its transaction has committed, line by line, and ends at the first error. */
const WRITE = `seq -f "INSERT INTO ledger VALUES (%.0f, ${FILLER}) RETURNING n;" "$0" 100000000 | stdbuf -oL psql -XqtAw -d postgres -v ON_ERROR_STOP=1 >"$1"`;

export class Ledger {
  private writer?: ChildProcess;

  constructor(private readonly server: PostgresServer) {
    const { status, stderr } = server.query("CREATE TABLE ledger (n bigint PRIMARY KEY, filler text)");
    if (status !== 0) throw new Error(stderr);
  }

  /** Writes on, from behind the last row that is there. */
  start(): void {
    const next = holdings(this.server).last + 1;
    this.writer = this.server.run("bash", ["-c", WRITE, String(next), this.server.path("scratch/acknowledged")]);
  }

  /** Number of the last row that the server has acknowledged as committed. */
  acknowledged(): number {
    const lines = readFileSync(this.server.path("scratch/acknowledged"), "utf8").trimEnd().split("\n");
    return Number(lines.at(-1)?.trim() ?? 0);
  }

  /** Ends the writer, which may have ended by itself with its server. */
  async stop(): Promise<void> {
    const { writer } = this;
    if (writer?.pid === undefined || writer.exitCode !== null || writer.signalCode !== null) return;
    const ended = new Promise((done) => writer.once("exit", done));
    killSilently(-writer.pid);
    await ended;
  }

  /** Whether the writer still writes, as far as was seen. */
  isWriting(): boolean {
    return this.writer?.exitCode === null && this.writer.signalCode === null;
  }
}

export function holdings(server: Askable): Holdings {
  const { stdout, status, stderr } = server.query("SELECT count(*), coalesce(max(n), 0) FROM ledger");
  if (status !== 0) throw new Error(stderr);
  const [rows = 0, last = 0] = stdout.split("|").map(Number);
  return { rows, last };
}

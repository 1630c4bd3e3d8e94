/** The user's own npm, for what is got on first use: whatever registry it is set to. */
import { spawn } from "node:child_process";

export interface NpmOutcome {
  readonly succeeded: boolean;
  /** The end of what it said, in one line. */
  readonly said: string;
}

/** Runs npm in a folder until it ends. */
export function runNpm(args: readonly string[], cwd: string): Promise<NpmOutcome> {
  // npm names itself to what it runs; elsewhere it is a program of the PATH.
  const own = process.env.npm_execpath;
  const [file, all] = own?.endsWith("npm-cli.js") === true ? [process.execPath, [own, ...args]] : ["npm", args];
  return new Promise((resolve) => {
    const child = spawn(file, all, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
    const settle = (status: number | null) => {
      const lines = output.trim().split("\n").slice(-3).join(" | ").slice(0, 500);
      resolve({ succeeded: status === 0, said: lines === "" ? `exit code ${status ?? "none"}` : lines });
    };
    child.once("error", ({ message }) => {
      output += message;
      settle(null);
    });
    child.once("close", settle);
  });
}

/** How our commands end: quietly when all went well, and with sentences rather than stack traces when the input was wrong. */
import { InvalidInputError } from "./problems";

/** Runs a command. What it returns is the exit code; problems with the input give 1, and a usage error 2. */
export function runCommand(main: () => number | Promise<number>): void {
  Promise.resolve()
    .then(main)
    .then((code) => {
      process.exitCode = code;
    })
    .catch((error: unknown) => {
      process.exitCode = error instanceof UsageError ? 2 : 1;
      const told = error instanceof InvalidInputError || error instanceof UsageError;
      console.error(told ? error.message : error);
    });
}

/** The command was called in a way it doesn't know. */
export class UsageError extends Error {}

/** Stand-ins for the programs that the archive command calls, which kill it at the step that a test says. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The programs in the order of their calls; the command may be killed before each. */
export const ARCHIVE_STEPS = ["rm", "od", "mktemp", "zstd", "sync", "ln", "sync", "rm"] as const;

/** As many more in the first call, which says whose the archive is. */
export const FIRST_STEPS = ["rm", "od", "mktemp", "sync", "mv", "sync", ...ARCHIVE_STEPS.slice(2)] as const;

/**
 * Writes them into a folder that comes first on PATH. The command is killed once as many calls as the file `steps-left` in the
 * folder `state` says have gone before; with it the file goes. Without the file they do as the programs do.
 */
export function writeKillers(folder: string, state: string): void {
  for (const name of new Set(FIRST_STEPS)) writeFileSync(join(folder, name), script(name, state), { mode: 0o755 });
}

/** Subshells are killed with the command: what one of them leaves would go on as if nothing had been. */
const script = (name: string, state: string) => `#!/bin/bash
steps=${state}/steps-left
run() { PATH=\${PATH#*:} exec ${name} "$@"; }
[[ -e $steps ]] && grep --quiet --text archive-wal "/proc/$PPID/cmdline" || run "$@"
left=$(<"$steps")
if ((left > 0)); then
  echo $((left - 1)) >"$steps"
  run "$@"
fi
/bin/rm -f "$steps"
process=$PPID
while grep --quiet --text archive-wal "/proc/$process/cmdline"; do
  parent=$(awk '{ print $4 }' "/proc/$process/stat")
  kill -KILL "$process"
  process=$parent
done
`;

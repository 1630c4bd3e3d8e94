import { parseArgs } from "node:util";
import { RESTORE_PREFIX } from "../loomworks/restore";
import { Stack, STACKS } from "../settings";
import { UsageError } from "../shared/cli";
import { assertNoProblems, Problem } from "../shared/problems";

/** Where a restore goes: beside the server, into another namespace, or into its place. */
export type Place =
  { readonly kind: "beside" } | { readonly kind: "into"; readonly namespace: string } | { readonly kind: "in-place" };

export interface RestoreRequest {
  readonly stack: Stack;
  /** What to restore: options of `scripts/restore.sh`. */
  readonly options: readonly string[];
  readonly place: Place;
  /** Of all that is made for it. */
  readonly name: string;
  /** Whether the objects are only shown. */
  readonly print: boolean;
  /** The namespace whose data may be replaced, as its owner typed it. */
  readonly confirm?: string;
}

export const USAGE = `Usage: npm run restore -- --stack STACK (--latest | --time TIME | --backup NAME) [options]

  --stack STACK      ${STACKS.join(" or ")}: whose PostgreSQL. The cluster is the current one of KUBECONFIG

  --latest           to the end of the WAL archive
  --time TIME        to a moment, as in 2026-11-21T10:00:00Z: what was committed by then, and nothing else
  --backup NAME      from that backup; alone, to the moment at which it ended
  --timeline NUMBER  along that timeline, for what a former restore has given up

  --beside           a server with a volume of its own, beside the installation's, which goes on (the default)
  --into NAMESPACE   the same in another namespace
  --in-place         in the place of the installation's data: stops Odoo and PostgreSQL, and keeps the old data aside
  --confirm NAME     --in-place: the namespace, instead of being asked for it

  --name NAME        of what is made, after "${RESTORE_PREFIX}"; the same name again goes on with the same restore
  --print            shows the objects, and applies nothing
`;

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;
const BACKUP = /^\d{8}T\d{6}Z$/;
/** Of a name that others are made of by a short ending (RFC 1123: 63 characters). */
const NAME = /^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/;

/**
 * @param now for the name of a restore that is given none
 * @throws {InvalidInputError} naming every value that is wrong
 * @throws {UsageError} if the words are
 */
export function parseCommandLine(args: readonly string[], now: Date): RestoreRequest | "help" {
  const values = parse(args);
  if (values.help) return "help";
  const { stack, latest, time, backup, timeline, into, beside, confirm, print } = values;
  const places = [beside, into !== undefined, values["in-place"]].filter(Boolean).length;
  const moments = [latest, time !== undefined].filter(Boolean).length;
  if (stack === undefined || places > 1 || moments > 1 || (moments === 0 && backup === undefined)) {
    throw new UsageError(USAGE);
  }
  const known = STACKS.find((one) => one === stack);
  const name = values.name ?? stamp(now);
  assertNoProblems([
    ...wrong(known === undefined, "stack", stack, "there is no such stack", `Give ${STACKS.join(" or ")}`),
    ...wrong(
      time !== undefined && (!MOMENT.test(time) || Number.isNaN(Date.parse(time)) || Date.parse(time) > now.getTime()),
      "time",
      time,
      "it is no moment of the past, with its zone",
      "Give one as 2026-11-21T10:00:00Z",
    ),
    ...wrong(
      backup !== undefined && !BACKUP.test(backup),
      "backup",
      backup,
      "no backup has such a name",
      "Give one as 20261121T020000Z",
    ),
    ...wrong(
      timeline !== undefined && !/^[1-9]\d{0,8}$/.test(timeline),
      "timeline",
      timeline,
      "it is no number of a timeline",
      "Give one as the log of a restore names it",
    ),
    ...wrong(into !== undefined && !NAME.test(into), "into", into, "it is no namespace", "Give its name"),
    ...wrong(!NAME.test(name), "name", name, "it can be no part of a name", "Give up to 30 of a-z, 0-9 and -"),
  ]);
  const options = [
    ...(latest ? ["--latest"] : []),
    ...(time === undefined ? [] : ["--time", time]),
    ...(backup === undefined ? [] : ["--backup", backup]),
    ...(timeline === undefined ? [] : ["--timeline", timeline]),
  ];
  const place: Place =
    into === undefined ? { kind: values["in-place"] ? "in-place" : "beside" } : { kind: "into", namespace: into };
  return { stack: known ?? "staging", options, place, name: `${RESTORE_PREFIX}${name}`, print, confirm };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        stack: text,
        latest: flag,
        time: text,
        backup: text,
        timeline: text,
        beside: flag,
        into: text,
        "in-place": flag,
        confirm: text,
        name: text,
        print: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function wrong(is: boolean, path: string, value: unknown, reason: string, remedy: string): Problem[] {
  return is ? [{ code: "POSTGRES_RESTORE_ARGUMENT", path: `--${path}`, value, reason, remedy }] : [];
}

/** `20261121t100000z`: unique by the second, as a part of a name. */
function stamp(now: Date): string {
  return now.toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "").toLowerCase();
}

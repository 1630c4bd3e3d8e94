/** Where MySQL and SQLite differ. Everything else of the store is written once. */
import type { Dialect, RawBuilder } from "kysely";

/** What an error of the driver means. */
export type Trouble =
  /** A key was there already. */
  | "duplicate"
  /** The database chose another transaction, or waited too long for one; the same again may succeed. */
  | "conflict"
  /** The connection ended under way: what it was about to commit may be there or not. */
  | "lost"
  /** It can't be reached, doesn't answer, or takes no writes. */
  | "away"
  /** It refuses the user, its password, or what it wants to do. */
  | "refused"
  /** It answers, and lacks a table. */
  | "schema";

export interface ColumnTypes {
  /** A moment, in whole seconds where the documents' TIMESTAMP has no more. */
  readonly time: string;
  /** A moment to the millisecond. */
  readonly fineTime: string;
  readonly json: string;
  /** One of some words. */
  choice(column: string, words: readonly string[]): string;
  /** Statements that let a column made by {@link choice}, and not to be NULL, have more words. Safe twice. */
  widenChoice(table: string, column: string, before: readonly string[], after: readonly string[]): readonly string[];
  /** Key that counts up by itself; the table's primary key in SQLite. */
  readonly counter: string;
  /** Primary key, or a unique one where {@link counter} is the primary. */
  readonly keyBesideCounter: string;
  /** Default of a moment: now. */
  readonly now: string;
  /** Default of a moment: now, to the millisecond. */
  readonly fineNow: string;
  /** Sets it to now with each update, where the database can. */
  readonly touched: string;
  /** What follows a table's closing bracket. */
  readonly tableEnd: string;
  /** Whether indexes stand inside the table's statement. */
  readonly indexesInside: boolean;
}

export interface SqlDialect {
  /** As OpenTelemetry calls it. */
  readonly name: "mysql" | "sqlite";
  readonly kysely: Dialect;
  readonly types: ColumnTypes;
  /** Now, by the database's own clock where several machines share it. */
  now(): RawBuilder<Date>;
  /** Now, for the documents' columns, which know whole seconds in MySQL. */
  nowInSeconds(): RawBuilder<Date>;
  /** Now and so many seconds. */
  later(seconds: number): RawBuilder<Date>;
  /** A moment of our own. */
  moment(date: Date): Date | string;
  /** Nothing if it's a defect of ours. */
  troubleOf(error: unknown): Trouble | undefined;
}

/** What drivers say in their errors, which come from C and from other realms too: `instanceof` tells nothing of them. */
export function faultOf(error: unknown): { readonly code: string; readonly message: string; readonly fatal: boolean } {
  const { code, message, fatal } = (error ?? {}) as Readonly<Record<string, unknown>>;
  return {
    code: typeof code === "string" ? code : "",
    message: typeof message === "string" ? message : "",
    fatal: fatal === true,
  };
}

/** What every store does, whatever database is below it: run against SQLite and against a real MariaDB. */
import type { StoreUnderTest } from "./store-bench";
import { keyBehaviour } from "./store-keys";
import { outboxBehaviour } from "./store-outbox";
import { endBehaviour } from "./store-ends";
import { holdBehaviour } from "./store-holds";
import { intakeBehaviour } from "./store-intake";
import { listBehaviour } from "./store-lists";

export function storeBehaviour(open: () => StoreUnderTest): void {
  intakeBehaviour(open);
  holdBehaviour(open);
  endBehaviour(open);
  listBehaviour(open);
  outboxBehaviour(open);
  keyBehaviour(open);
}

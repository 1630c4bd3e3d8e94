/** How few of something there were at any time. */
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MILLISECONDS = 200;

/** @returns the smallest number that `count` answered while `play` went on, and what that came to */
export async function fewestWhile<T>(count: () => Promise<number>, play: () => Promise<T>): Promise<[number, T]> {
  let fewest = await count();
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      fewest = Math.min(fewest, await count());
      await sleep(LOOK_MILLISECONDS);
    }
  };
  const watching = watch();
  try {
    const result = await play();
    return [fewest, result];
  } finally {
    isOver = true;
    await watching;
  }
}

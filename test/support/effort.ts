/**
 * How much a test that proves by repetition does: few rounds in CI, all of them by `npm run test:process -- --full`. What it draws
 * by chance comes from a seed, which stands in its title: `SEED=<that> npm run test:process` draws the same again.
 */
export const EFFORT = {
  full: process.env.FULL === "1",
  seed: Number(process.env.SEED ?? Date.now() % 1_000_000),
} as const;

/** @param short in CI @param full by `--full` */
export function rounds(short: number, full: number): number {
  return EFFORT.full ? full : short;
}

/**
 * The process level: our scripts and services on real programs.
 *
 *   npm run test:process                 short rounds of what is proven by repetition
 *   npm run test:process -- --full       all of them: half an hour more
 *   npm run test:process -- PATTERN …    any further argument is jest's
 *
 * What a test draws by chance comes from a seed that stands in its title; SEED=<that> draws the same again.
 */
import { spawnSync } from "node:child_process";

const FULL = "--full";

const args = process.argv.slice(2);
const jest = ["--selectProjects", "process", "--passWithNoTests=false", ...args.filter((one) => one !== FULL)];
const env = { ...process.env, ...(args.includes(FULL) && { FULL: "1" }) };
const { status } = spawnSync(process.execPath, [require.resolve("jest/bin/jest"), ...jest], { env, stdio: "inherit" });
process.exitCode = status ?? 1;

import { PAUSE_IMAGE, PAUSE_PROGRAM } from "./configuration";
import type { ProgramImage } from "./image";

/** Ends when it is told to, and takes the ends of processes that nobody else waits for. */
const PAUSE = "trap 'exit 0' TERM INT; while :; do sleep 86400 & wait; done";

/** What every pod's first container runs. */
export const pauseImage: ProgramImage = {
  name: PAUSE_IMAGE,
  program: { file: PAUSE_PROGRAM, name: "busybox" },
  entrypoint: ["/bin/busybox", "sh", "-c", PAUSE],
};

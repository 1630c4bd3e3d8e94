/** Looks for texts of a customer in a pod: in each file that a clone can write, and in the environment of each process. */
import type { KubeConfig } from "@kubernetes/client-node";
import { CLONE_NAMESPACES } from "../../../constructs/contract";
import { execInPod } from "../../support/exec-in-pod";

/** Volumes and shared memory of both containers (clones/templates/warm-pod.ts). */
const PLACES: Readonly<Record<string, string>> = {
  wordpress: "/var/www/html /tmp /run/apache2 /dev/shm",
  mysql: "/var/lib/mysql /var/run/mysqld /tmp /dev/shm",
};

/** The texts come by the input, so that no process has them in its own command line or environment. */
const script = (places: string) => `
texts=$(head -n 1 | base64 -d)
grep -rlaF -e "$texts" ${places} 2>/dev/null
cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -aF -e "$texts" | cut -d = -f 1 | sed 's/^/variable /'
true`;

const SECONDS = 60;

/** @returns where any of them was found: `wordpress: /var/www/html/…`, `mysql: variable …` */
export async function findInPod(config: KubeConfig, pod: string, texts: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(PLACES).map(async ([container, places]) => {
      const command = { container, command: ["sh", "-c", script(places)], input: texts.join("\n"), seconds: SECONDS };
      const output = await execInPod(config, CLONE_NAMESPACES.staging, pod, command);
      return linesOf(output).map((line) => `${container}: ${line}`);
    }),
  );
  return [...new Set(found.flat())];
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

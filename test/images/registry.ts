/** Whether an image's registry can be reached from here: asked once for each. */

/** Whoever is reachable answers sooner. */
const ANSWER_MILLISECONDS = 3_000;

/** Docker's registry has another host than its images' names. */
const HOSTS: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

const asked = new Map<string, Promise<boolean>>();

/** @param name of the image, beginning with its registry's host */
export function isReachable(name: string): Promise<boolean> {
  const host = name.slice(0, name.indexOf("/"));
  const answer = asked.get(host) ?? answers(HOSTS[host] ?? host);
  asked.set(host, answer);
  return answer;
}

/** 401 is the usual answer to somebody who has no token yet. */
async function answers(host: string): Promise<boolean> {
  if (host === "localhost") return false;
  try {
    const { status } = await fetch(`https://${host}/v2/`, { signal: AbortSignal.timeout(ANSWER_MILLISECONDS) });
    return status === 200 || status === 401;
  } catch {
    return false;
  }
}

/** Commands in the containers of a pod. What they are given goes by their input, in one line: never by a command line. */
import { PassThrough, Readable, Writable } from "node:stream";
import { Exec, KubeConfig, V1Status } from "@kubernetes/client-node";

export interface PodCommand {
  readonly container: string;
  readonly command: readonly string[];
  /** One line, in base64: a command can't be told where its input ends by every server. Not to be logged. */
  readonly input?: string;
  /** Seconds that it may take. */
  readonly seconds: number;
}

/**
 * @throws Error if it doesn't end with exit code 0 in time; its message has what it wrote to its standard error, unless it
 *   had an input: programs quote what they don't understand
 */
export type PodExec = (namespace: string, pod: string, command: PodCommand, signal: AbortSignal) => Promise<string>;

/** What of a websocket is used; the client's own type needs one of a browser. */
interface Socket {
  onclose: unknown;
  close(): void;
}

/** Characters of an output that are kept: more than any command of ours writes, and no more than memory bears. */
const MOST_OUTPUT = 1_000_000;
const MOST_ERROR = 500;

/** By the websocket of the API server. @param exec the client's; a test may play it */
export function podExec(config: KubeConfig, exec: Pick<Exec, "exec"> = new Exec(config)): PodExec {
  return async (namespace, pod, { container, command, input, seconds }, signal) => {
    const out = collected();
    const err = collected();
    const all = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
    const stdin = input === undefined ? null : Readable.from([`${Buffer.from(input).toString("base64")}\n`]);
    const held = stdin?.pipe(new PassThrough(), { end: false }) ?? null;
    const status = await new Promise<V1Status>((resolve, reject) => {
      const stop = () => reject(new Error(`no end within ${seconds} s, or given up`));
      if (all.aborted) stop();
      all.addEventListener("abort", stop, { once: true });
      exec
        .exec(namespace, pod, container, [...command], out.stream, err.stream, held, false, resolve)
        .then((connection) => {
          const socket = connection as Socket;
          socket.onclose = () => reject(new Error("the connection ended before the command did"));
          all.addEventListener("abort", () => socket.close(), { once: true });
          if (all.aborted) socket.close();
        })
        .catch(() => reject(new Error("the API server refused the command, or can't be reached")));
    });
    if (status.status === "Success") return out.text();
    const said = input === undefined ? err.text().slice(0, MOST_ERROR) : "";
    throw new Error(said !== "" ? said : (status.message ?? "it failed"));
  };
}

function collected() {
  const chunks: string[] = [];
  let size = 0;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size <= MOST_OUTPUT) chunks.push(chunk.toString("utf8"));
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
}

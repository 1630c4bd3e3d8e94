import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { PodCommand, podExec } from "../../../clones/warm-pool/exec";

const COMMAND: PodCommand = { container: "wordpress", command: ["sh", "-c", "true"], seconds: 5 };

/** What the API server's stream brings, as it was recorded, and what was sent on it. */
function stream(
  play: (streams: { out: any; err: any; stdin: any; end: (status: object) => void; socket: any }) => void,
) {
  const asked: unknown[][] = [];
  const socket = { onclose: undefined as any, closed: false, close: () => void (socket.closed = true) };
  const exec = {
    exec: (...args: any[]): Promise<any> => {
      asked.push(args.slice(0, 4));
      const [, , , , out, err, stdin, , end] = args;
      setImmediate(() => play({ out, err, stdin, end, socket }));
      return Promise.resolve(socket);
    },
  };
  const run = (more: Partial<PodCommand> = {}, signal = new AbortController().signal) =>
    podExec(new KubeConfig(), exec)("wordpress-staging", "warm-1", { ...COMMAND, ...more }, signal);
  return { run, asked, socket };
}

describe("a command in a pod", () => {
  it("[WARM-05] answers with what it wrote, once it ended well", async () => {
    const { run, asked } = stream(({ out, end }) => {
      out.write(Buffer.from("one\n"));
      out.write(Buffer.from("two\n"));
      end({ status: "Success" });
    });
    expect(await run()).toBe("one\ntwo\n");
    expect(asked).toEqual([["wordpress-staging", "warm-1", "wordpress", ["sh", "-c", "true"]]]);
  });

  it("[WARM-05] gets its input as one line in base64", async () => {
    const { run } = stream(({ stdin, out, end }) => {
      stdin.once("data", (chunk: Buffer) => {
        out.write(Buffer.from(chunk.toString()));
        end({ status: "Success" });
      });
    });
    const line = await run({ input: "DROP DATABASE x;\n'secret'" });
    expect(line.endsWith("\n")).toBe(true);
    expect(Buffer.from(line, "base64").toString()).toBe("DROP DATABASE x;\n'secret'");
  });

  it("[WARM-05] fails with what it said, but says nothing of what it was given", async () => {
    const failing = stream(({ err, end }) => {
      err.write(Buffer.from("syntax error near 'secret'"));
      end({ status: "Failure", message: "command terminated with exit code 1" });
    });
    await expect(failing.run()).rejects.toThrow("syntax error near");
    await expect(failing.run({ input: "secret" })).rejects.toThrow(/^command terminated with exit code 1$/);
  });

  it("[WARM-05] fails when the connection ends first, or time runs out, or it is given up", async () => {
    const cut = stream(({ socket }) => socket.onclose());
    await expect(cut.run()).rejects.toThrow("the connection ended");
    const slow = stream(() => undefined);
    await expect(slow.run({ seconds: 0.05 })).rejects.toThrow("no end within");
    expect(slow.socket.closed).toBe(true);
    const stop = new AbortController();
    const given = stream(() => undefined);
    const running = given.run({}, stop.signal);
    running.catch(() => undefined);
    await sleep(10);
    stop.abort();
    await expect(running).rejects.toThrow("given up");
    expect(given.socket.closed).toBe(true);
  });
});

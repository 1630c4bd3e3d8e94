import { randomInt } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import { statSync } from "node:fs";
import { createServer } from "node:net";

/** Whether a GET is answered by 200. A server's certificate is no concern of a probe. */
export function httpAnswers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const { get } = url.startsWith("https:") ? https : http;
    const request = get(url, { rejectUnauthorized: false, timeout: 2_000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}

/**
 * Below what Linux gives to outgoing connections (`ip_local_port_range`, from 32768): a port from above may be some
 * connection's own before the program that it was found for listens on it.
 */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** Ports of this machine that nobody listens on, all different. Another may take one before it is used. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = FIRST_PORT + randomInt(PORTS);
    if (!found.includes(port) && (await isFree(port))) {
      found.push(port);
    }
  }
  return found;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Whether a server has made its socket. */
export function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

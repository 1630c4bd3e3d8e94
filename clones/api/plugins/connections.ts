/** What isn't HTTP at all, or comes too slowly: answered before there is a request. */
import type { Socket } from "node:net";
import { PROBLEM_TYPE, problemOf, refuse } from "../problems";

export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return void socket.destroy();
  const refusal = refusalOf(error.code);
  const body = JSON.stringify(problemOf(refusal, { url: "docs/errors.md" }));
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_TEXT[refusal.status] ?? "Bad Request"}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

function refusalOf(code: string | undefined) {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return refuse(408, "REQUEST_SLOW", "connection", "the request didn't arrive in time", "Send it at once");
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return refuse(431, "REQUEST_TOO_LARGE", "headers", "they have more bytes than the API reads", "Send fewer");
  }
  return refuse(400, "REQUEST_UNREADABLE", "connection", "it isn't what HTTP/1.1 asks for", "Send a valid request");
}

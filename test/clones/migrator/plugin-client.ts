/** Speaks to the plugin as the service does, and takes archives apart so that tests can cut and forge them. */
import { createHash } from "node:crypto";

export const KEY = "test-key-0123456789abcdef0123456789abcdef";
export const ALL_SCOPES = ["content", "uploads", "plugins", "themes", "options", "users"] as const;

export const MAGIC = Buffer.from("CMARCH1\n");
const PREAMBLE = 13;
const DIGEST = 32;

export interface Frame {
  readonly type: string;
  readonly number: number;
  readonly head: any;
  readonly body: Buffer;
  /** All of it, without the magic. */
  readonly bytes: Buffer;
}

export interface ImportState {
  readonly job: string;
  readonly phase: string;
  readonly next: number;
  readonly ticket: string | null;
  readonly ended: boolean;
  readonly totals: Readonly<Record<"tables" | "rows" | "files" | "bytes", number>>;
  readonly table: string | null;
  readonly problems: readonly { readonly code: string; readonly count: number }[];
  readonly until?: string;
}

/** What came back: JSON where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly json: any;
  readonly bytes: Buffer;
}

export async function call(
  url: string,
  method: string,
  route: string,
  body?: object | Buffer,
  key: string | null = KEY,
): Promise<Answer> {
  const [path, query] = route.split("?") as [string, string?];
  const response = await fetch(
    `${url}/?rest_route=/custom-migrator/v1/${path}${query === undefined ? "" : `&${query}`}`,
    {
      method,
      headers: {
        ...(key === null ? {} : { "X-Migrator-Key": key }),
        ...(body === undefined
          ? {}
          : { "Content-Type": Buffer.isBuffer(body) ? "application/octet-stream" : "application/json" }),
      },
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
      redirect: "manual",
    },
  );
  const bytes = Buffer.from(await response.arrayBuffer());
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    json = undefined;
  }
  return { status: response.status, json, bytes };
}

/** The same, for what should succeed. */
export async function ask(url: string, method: string, route: string, body?: object | Buffer): Promise<any> {
  const { status, json, bytes } = await call(url, method, route, body);
  if (status !== 200) throw new Error(`${method} ${route}: ${status} ${bytes.toString().slice(0, 2000)}`);
  return json;
}

/** All frames of a stream, with or without the magic at its beginning. */
export function framesOf(stream: Buffer): Frame[] {
  const frames: Frame[] = [];
  let at = stream.subarray(0, MAGIC.length).equals(MAGIC) ? MAGIC.length : 0;
  while (at < stream.length) {
    const start = at;
    const headLength = stream.readUInt32BE(at + 5);
    const bodyLength = stream.readUInt32BE(at + 9);
    const body = at + PREAMBLE + headLength;
    at = body + bodyLength + DIGEST;
    frames.push({
      type: stream.toString("latin1", start, start + 1),
      number: stream.readUInt32BE(start + 1),
      head: headLength === 0 ? undefined : JSON.parse(stream.toString("utf8", start + PREAMBLE, body)),
      body: stream.subarray(body, body + bodyLength),
      bytes: stream.subarray(start, at),
    });
  }
  return frames;
}

export interface Forged {
  readonly type: string;
  readonly head: object;
  readonly body?: Buffer;
}

/** An archive with right numbers and checksums, whatever is in it: what a hostile exporter would write. */
export function forge(frames: readonly Forged[]): Buffer {
  let digest = createHash("sha256").update(MAGIC).digest();
  const parts = frames.map(({ type, head, body = Buffer.alloc(0) }, number) => {
    const json = Buffer.from(JSON.stringify(head));
    const preamble = Buffer.alloc(PREAMBLE);
    preamble.write(type, 0, "latin1");
    preamble.writeUInt32BE(number, 1);
    preamble.writeUInt32BE(json.length, 5);
    preamble.writeUInt32BE(body.length, 9);
    digest = createHash("sha256").update(digest).update(preamble).update(json).update(body).digest();
    return Buffer.concat([preamble, json, body, digest]);
  });
  return Buffer.concat([MAGIC, ...parts]);
}

/** A whole export, over as many slices as it takes. */
export async function exported(url: string, scopes: readonly string[], job = "export-1"): Promise<Buffer> {
  const slices: Buffer[] = [];
  let ticket: string | null = null;
  for (;;) {
    const { status, bytes }: Answer = await call(url, "POST", "export", { job, scopes, ticket });
    if (status !== 200) throw new Error(`export: ${status} ${bytes.toString().slice(0, 2000)}`);
    slices.push(bytes);
    const last = framesOf(bytes).at(-1);
    if (last?.type === "E") return Buffer.concat(slices);
    ticket = last?.body.toString() ?? null;
  }
}

export interface ImportOptions {
  readonly job: string;
  readonly mode?: "clone" | "restore";
  readonly scopes?: readonly string[];
  readonly admin?: { readonly username: string; readonly password: string; readonly email: string } | null;
  readonly anonymize?: boolean;
}

export async function begin(url: string, options: ImportOptions): Promise<ImportState> {
  const { mode = "restore", scopes = ALL_SCOPES, admin = null, anonymize = false, job } = options;
  return (await ask(url, "POST", "import", { job, mode, scopes, url, anonymize, admin })) as ImportState;
}

/** Sends an archive in batches of about so many bytes, each cut behind a ticket. */
export async function send(url: string, job: string, archive: Buffer, most = 4 * 1024 * 1024): Promise<ImportState> {
  let batch: Buffer[] = [MAGIC];
  let state: ImportState | undefined;
  const flush = async () => {
    if (batch.length > 0) state = (await ask(url, "PUT", `import?job=${job}`, Buffer.concat(batch))) as ImportState;
    batch = [];
  };
  for (const frame of framesOf(archive)) {
    batch.push(frame.bytes);
    if (frame.type === "S" && batch.reduce((sum, { length }) => sum + length, 0) >= most) await flush();
  }
  await flush();
  return state!;
}

export async function finish(url: string, job: string): Promise<ImportState> {
  for (let slice = 0; slice < 50; slice += 1) {
    const state = (await ask(url, "POST", "finish", { job })) as ImportState;
    if (state.phase === "swapped") return state;
  }
  throw new Error(`finish: ${job} did not end`);
}

/** Export to import, as the service does it. */
export async function transfer(from: string, to: string, options: ImportOptions): Promise<ImportState> {
  const archive = await exported(from, options.scopes ?? ALL_SCOPES, options.job);
  await begin(to, options);
  await send(to, options.job, archive);
  return await finish(to, options.job);
}

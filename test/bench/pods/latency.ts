/** How long the clone service's API takes to answer, at rest and while clones are being made. */
import { CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { ACCOUNTS } from "../../../clones/templates/accounts";
import { directly } from "../../e2e/trouble/direct";
import type { World } from "../../e2e/world";
import type { Caller } from "../../e2e/wordpress/caller";
import { load, LoadFigures, quantileOf } from "../load";

/** Of each question, a second: what a busy agency's console and scripts ask, far below what the API can do. */
const RATE = 10;

/** A question to the API that can be asked any number of times without changing anything. */
export interface Question {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly name: string;
  readonly sent: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  /** How often each status other than 2xx, or error, came. */
  readonly errors: LoadFigures["errors"];
}

/** Where the API's Service is reached: by its address, or through the API server where the cluster isn't this machine's. */
export async function originOf(world: World): Promise<string> {
  return await directly(world).reach(CLONE_SERVICE_NAMESPACE, ACCOUNTS.service, 80);
}

/** Asks all questions side by side, each at its rate. @param until ends it early */
export async function askAll(
  origin: string,
  { key }: Pick<Caller, "key">,
  questions: readonly Question[],
  seconds: number,
  until?: AbortSignal,
): Promise<Answered[]> {
  return await Promise.all(
    questions.map(async ({ name, method, path, body, headers }) => {
      const request = () => ({
        method,
        path,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const how = { rate: RATE, seconds, arrivals: "random", ...(until && { until }) } as const;
      return answeredOf(name, await load({ origin, ...how, request }));
    }),
  );
}

export function answeredOf(name: string, { sent, milliseconds, errors }: LoadFigures): Answered {
  const [p50, p99, most] = [0.5, 0.99, 1].map((quantile) => quantileOf(milliseconds, quantile));
  return { name, sent, p50: p50!, p99: p99!, most: most!, errors };
}

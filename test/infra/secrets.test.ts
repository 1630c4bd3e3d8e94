import * as pulumi from "@pulumi/pulumi";
import { Stack, STACKS } from "../../constructs/settings";
import { PlanMonitor } from "../../infra/plan/monitor";
import { planStack } from "../../infra/plan/plan";

const { specialSecretSig, specialSigKey, unknownValue } = pulumi.runtime;
const MADE = "made-by-random-";

type Sent = readonly [what: string, content: unknown];

/** Where in `content` a made value stands: openly, or as a secret. */
function placesOf(content: unknown, path: string, isSecret = false): { open: string[]; secret: string[] } {
  if (typeof content === "string") {
    const found = content.includes(MADE) ? [path] : [];
    return isSecret ? { open: [], secret: found } : { open: found, secret: [] };
  }
  if (typeof content !== "object" || content === null) return { open: [], secret: [] };
  const hidden = isSecret || (content as Record<string, unknown>)[specialSigKey] === specialSecretSig;
  const parts = Object.entries(content).map(([key, part]) => placesOf(part, `${path}.${key}`, hidden));
  return { open: parts.flatMap(({ open }) => open), secret: parts.flatMap(({ secret }) => secret) };
}

/** All that `stack` sends to Pulumi, off the wire, where every value that is made at random is known. */
async function sentBy(stack: Stack): Promise<Sent[]> {
  const sent: Sent[] = [];
  const registerResource = Reflect.get(PlanMonitor.prototype, "registerResource");
  const spies = [
    jest.spyOn(PlanMonitor.prototype, "registerResource").mockImplementation(function (
      this: PlanMonitor,
      request,
      answer,
    ) {
      sent.push([request.getName(), request.getObject()?.toJavaScript()]);
      registerResource.call(this, request, (error, response: any) =>
        answer(error, knowing(request.getName(), response)),
      );
    }),
    jest.spyOn(PlanMonitor.prototype, "registerResourceOutputs").mockImplementation((request, answer) => {
      sent.push([request.getUrn(), request.getOutputs?.().toJavaScript()]);
      answer(null, {});
    }),
  ];
  await planStack(stack);
  for (const spy of spies) spy.mockRestore();
  return sent;
}

/** `response` with a value in the place of each secret that a provider would have made. */
function knowing(name: string, response: any): object {
  const state = response.getObject().toJavaScript();
  const known = Object.entries(state).map(([key, value]: [string, any]) => {
    const isMade = value?.[specialSigKey] === specialSecretSig && value.value === unknownValue;
    return [key, isMade ? { ...value, value: `${MADE}${name}-${key}` } : value];
  });
  return { ...response, getObject: () => ({ toJavaScript: () => Object.fromEntries(known) }) };
}

describe.each(STACKS)("[LOOM-06] The secrets of %s", (stack) => {
  it("are sent to Pulumi as secrets alone: in no input, no Helm value and no output do they stand openly", async () => {
    const places = (await sentBy(stack)).map(([what, content]) => placesOf(content, what));
    expect(places.flatMap(({ open }) => open)).toEqual([]);
    const secret = places.flatMap(({ secret: paths }) => paths);
    expect(secret.length).toBeGreaterThan(9);
    expect(secret.join("\n")).toMatch(/^shared-database-instance\.password/m);
  });
});

/** What the API server says of clones that it refuses, by the policy's own sentences. */
import { ApiError, Cluster, KubeObject } from "../cluster";

/** What the policy says of a clone that is asked for; nothing if it is let in. It isn't made. */
export async function refusalOf({ client }: Cluster, asked: KubeObject): Promise<string | undefined> {
  const path = (await client.pathOf(asked)).split("/").slice(0, -1).join("/");
  return await sentenceOf(() =>
    client.request("POST", path, { body: asked, query: { dryRun: "All", fieldValidation: "Strict" } }),
  );
}

/** The same of a change. */
export async function refusalOfChange({ client }: Cluster, living: KubeObject, change: object, dryRun = true) {
  const path = await client.pathOf(living);
  return await sentenceOf(() =>
    client.request("PATCH", path, {
      body: change,
      query: { dryRun: dryRun ? "All" : undefined },
      contentType: "application/merge-patch+json",
    }),
  );
}

/** @throws whatever isn't the policy's: a refusal by the schema has no remedy, and isn't what was asked for */
async function sentenceOf(request: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await request();
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 422) throw error;
    const [, sentence] = /denied request: (.*)$/s.exec(error.body.message as string) ?? [];
    if (sentence === undefined) throw error;
    return sentence;
  }
}

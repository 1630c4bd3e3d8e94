import { CLONE_CREDENTIALS } from "../../constructs/contract";
import type { WordPressClone } from "../domain/clone";
import { credentialsMissing } from "./errors";
import type { Kube } from "./kube";

/** How to log in to a clone. Not to be logged. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Of the clone's migration plugin. */
  readonly apiKey: string;
}

/** Reads them from the clone's Secret: its status may carry none. */
export async function credentialsOf(kube: Kube, { metadata, status }: WordPressClone): Promise<Credentials> {
  const name = status?.credentialsSecret ?? "";
  const data = name === "" ? undefined : await kube.secret(metadata.namespace, name);
  const { keys } = CLONE_CREDENTIALS;
  const [username, password, apiKey] = [keys.username, keys.password, keys.apiKey].map((key) => data?.[key]);
  if (username === undefined || password === undefined || apiKey === undefined) {
    throw credentialsMissing(metadata.name, name);
  }
  return { username, password, apiKey };
}

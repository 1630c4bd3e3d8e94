/** What a clone says of itself. KRO leaves out a field whose expression lacks something, and asks again on every change. */
import { CLONE_CREDENTIALS } from "../../../constructs/contract";
import { conditions, IS_READY } from "./conditions";
import { HOST } from "./database";
import { cel, DATABASE, HAS_PATH, NAME, NODES, TTL_SECONDS } from "./expressions";
import { host } from "./routing";

const { keys } = CLONE_CREDENTIALS;

export function statusFields(domain: string): Record<string, unknown> {
  const alb = `${NODES.ingress}.status.loadBalancer.ingress[0].hostname`;
  return {
    cloneUrl: cel(`${HAS_PATH} ? "http://" + ${alb} + "/" + ${NAME} + "/" : "https://" + ${host(domain)}`),
    wordpressUsername: exposed(keys.username),
    wordpressPassword: exposed(keys.password),
    apiKey: exposed(keys.apiKey),
    credentialsSecret: cel(`${NODES.credentials}.metadata.name`),
    expiresAt: cel(`schema.metadata.creationTimestamp + duration(string(${TTL_SECONDS}) + "s")`),
    database: cel(DATABASE),
    databaseHost: cel(HOST),
    // The cleaner drops it from the shared server, at a time when the Secret is gone.
    databaseName: cel(secretText(keys.databaseName)),
    ready: cel(IS_READY),
    conditions: conditions().map(cel),
  };
}

/** A credential that is there if it may be: taken from an empty list, it lacks something. */
function exposed(key: string): string {
  return cel(`[${secretText(key)}].filter(text, schema.spec.exposeCredentials)[0]`);
}

function secretText(key: string): string {
  return `string(${NODES.credentials}.data["${key}"])`;
}

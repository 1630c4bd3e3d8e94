import type { ResourceGraphDefinitionSpecResources as Node } from "../../../constructs/imports/kro.run";
import { CLONE_CREDENTIALS, CLONE_PEPPER, CLONE_PLATFORM } from "../../../constructs/contract";
import { cel, childLabels, childName, DATABASE, derived, NODES, UID } from "./expressions";

const { keys } = CLONE_CREDENTIALS;

/** What the stack puts into every namespace of clones. KRO waits until both are there. */
export function platformNodes(): Node[] {
  return [
    {
      id: NODES.platform,
      externalRef: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: CLONE_PLATFORM.name } },
    },
    { id: NODES.pepper, externalRef: { apiVersion: "v1", kind: "Secret", metadata: { name: CLONE_PEPPER.name } } },
  ];
}

/** Name of a database or user on a server that many clones share: 30 characters, of which MySQL admits 32 for a user. */
const SHARED_NAME = `("clone_" + ${UID}.replace("-", "").substring(0, 24))`;

const databaseName = `${DATABASE} == "shared" ? ${SHARED_NAME} : "wordpress"`;

/** The clone's credentials. They never change: who runs a clone has read them at its start. */
export function credentialsNode(): Node {
  return {
    id: NODES.credentials,
    template: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: childName(CLONE_CREDENTIALS.ending), labels: childLabels() },
      type: "Opaque",
      // Against a pepper that somebody changed: better a clone that KRO can't apply than one that nobody can log in to.
      immutable: true,
      // Not `data`: KRO 0.9.4 can't copy what it takes for bytes.
      stringData: {
        [keys.username]: cel(`"clone-" + ${derived("wordpress-username")}.substring(0, 8)`),
        [keys.password]: cel(derived("wordpress-password")),
        [keys.apiKey]: cel(derived("api-key")),
        [keys.databaseName]: cel(databaseName),
        [keys.databaseUser]: cel(databaseName),
        [keys.databasePassword]: cel(derived("database-password")),
      },
    },
  };
}

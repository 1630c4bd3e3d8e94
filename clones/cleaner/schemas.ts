/** The schema that a clone on the shared database needs before its pod can begin: made as soon as KRO has made its password. */
import { CLONE_CREDENTIALS, CLONE_RESOURCE } from "../../constructs/contract";
import { isEnding, WordPressClone } from "../domain/clone";
import { databaseOf, sharedDatabaseName } from "../domain/database";
import { credentialsMissing } from "../provisioner/errors";
import type { Kube } from "../provisioner/kube";
import type { SharedDatabase } from "./shared-database";

/** The pod waits: the entrypoint of a clone's image forgives a user who isn't there yet for 30 seconds, three times over. */
export class SharedSchemas {
  /** Clones that this process has seen to, by uid. Another process, or a later one, does it again: password and user stay one. */
  private readonly made = new Set<string>();

  constructor(
    private readonly kube: Kube,
    private readonly database: SharedDatabase,
  ) {}

  /** Whether it is time to make it. */
  isDue(clone: WordPressClone): boolean {
    const { uid } = clone.metadata;
    if (isEnding(clone)) this.made.delete(uid);
    const hasPassword = (clone.status?.credentialsSecret ?? "") !== "";
    return !isEnding(clone) && hasPassword && databaseOf(clone.spec) === "shared" && !this.made.has(uid);
  }

  /** May be made again, and by two processes at once. */
  async make(clone: WordPressClone): Promise<void> {
    const { name, namespace, uid } = clone.metadata;
    const secret = clone.status?.credentialsSecret ?? "";
    const password = (await this.kube.secret(namespace, secret))?.[CLONE_CREDENTIALS.keys.databasePassword];
    if (password === undefined) throw credentialsMissing(name, secret);
    const schema = sharedDatabaseName(uid);
    await this.database.make(schema, password);
    // It may have ended meanwhile, and another process have dropped what wasn't there yet.
    const now = await this.kube.find<WordPressClone>(CLONE_RESOURCE, namespace, name);
    if (now?.metadata.uid === uid) this.made.add(uid);
    else await this.database.drop(schema);
  }
}

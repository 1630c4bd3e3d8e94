/** A restore by the project's own command into a namespace of its own, and the server that comes of it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { RESTORE_PREFIX } from "../../../constructs/loomworks/restore";
import { podSecurityLabels } from "../../../constructs/shared/security";
import { eventually, readyPods } from "../../cluster";
import { REPOSITORY } from "../../support/pulumi-project";
import type { World } from "../world";
import type { Installation } from "./installation";

const NAMESPACE = "loomworks-recovery";
const NAME = "story";
const COMMAND_MILLISECONDS = 240_000;

export class Copy {
  private readonly name = `${RESTORE_PREFIX}${NAME}`;

  constructor(
    private readonly world: World,
    private readonly installation: Installation,
  ) {}

  /** @returns what the command said @throws {Error} with that if it failed */
  async restore(time: Date): Promise<string> {
    const { client, kubeconfig } = this.world.cluster;
    const metadata = { name: NAMESPACE, labels: podSecurityLabels("restricted") };
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata });
    const where = ["--into", NAMESPACE, "--name", NAME];
    const words = ["run", "--silent", "restore", "--", "--stack", "staging", "--time", time.toISOString(), ...where];
    const options = { cwd: REPOSITORY, timeout: COMMAND_MILLISECONDS, env: { ...process.env, KUBECONFIG: kubeconfig } };
    const { stdout } = await promisify(execFile)("npm", words, options);
    return stdout;
  }

  /** What the restored server answers, once it serves. */
  async query(sql: string, database: string): Promise<string> {
    const ready = async () => {
      const labels = `app.kubernetes.io/name=${this.name}`;
      return (await readyPods(this.world.cluster.client, NAMESPACE, labels))[0];
    };
    const pod = await eventually(ready, { what: `a ready pod of ${this.name}`, timeoutMs: 120_000 });
    return await this.installation.queryIn(NAMESPACE, pod.metadata.name, sql, database);
  }

  /** Takes everything of it away: the folders of backups and archive stay with the installation's volumes. */
  async remove(): Promise<void> {
    const { client } = this.world.cluster;
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } };
    await client.delete(namespace);
    await eventually(async () => (await client.find(namespace)) === undefined, {
      what: `the end of ${NAMESPACE}`,
      timeoutMs: 120_000,
    });
    for (const part of ["backups", "wal"]) {
      const metadata = { name: `${NAMESPACE}-${this.name}-${part}` };
      await client.delete({ apiVersion: "v1", kind: "PersistentVolume", metadata });
    }
  }
}
